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
    case ["sign-in-server", var url]:
        await SignInServer.RunAsync(url);
        return 0;
    case ["sign-in-users", var connectionString]:
        await SignInServer.AddUsersAsync(connectionString);
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: tokens | collect FOLDER | sign-in-server URL | sign-in-users CONNECTION-STRING");
        return 2;
}
