using System.Globalization;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Serverless.Benchmarks;

switch (args)
{
    case ["tokens"]:
        // In this process: no project is generated and restored for each benchmark.
        BenchmarkRunner.Run<TokenBenchmarks>(DefaultConfig.Instance.AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance)));
        return 0;
    case ["collect", var folder]:
        await CollectBenchmark.RunAsync(folder);
        return 0;
    case ["fill", var folder, var manifests]:
        await FolderBenchmark.FillAsync(folder, int.Parse(manifests, CultureInfo.InvariantCulture));
        return 0;
    case ["count-rows", var folder]:
        await FolderBenchmark.CountAsync(folder);
        return 0;
    case ["collect-folder", var folder, var deleted]:
        await FolderBenchmark.CollectAsync(folder, int.Parse(deleted, CultureInfo.InvariantCulture));
        return 0;
    case ["push", var registry, var clients, var seconds]:
        await PushLoad.RunAsync(registry, int.Parse(clients, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
        return 0;
    case ["sign-in-server", var url]:
        await SignInServer.RunAsync(url);
        return 0;
    case ["sign-in-users", var connectionString]:
        await SignInServer.AddUsersAsync(connectionString);
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: tokens | collect FOLDER | fill FOLDER MANIFESTS | count-rows FOLDER | collect-folder FOLDER DELETED | push URL CLIENTS SECONDS | sign-in-server URL | sign-in-users CONNECTION-STRING");
        return 2;
}
