using System.CommandLine;
using Serverless.FunctionsHost;

var appRoot = new Argument<DirectoryInfo>("app") { Description = "The published folder, with host.json." };
var urls = new Option<string>("--urls") { Description = "Where to listen.", DefaultValueFactory = _ => "http://127.0.0.1:7071" };
var settings = new Argument<string[]>("settings") { Description = "App settings, as NAME=VALUE.", Arity = ArgumentArity.ZeroOrMore };
var command = new RootCommand("Runs an isolated worker as the Azure Functions host would, until it is told to end.") { appRoot, settings, urls };
command.SetAction(async (args, cancellationToken) =>
{
    var options = new FunctionsHostOptions
    {
        AppRoot = args.GetValue(appRoot)!.FullName,
        Url = args.GetValue(urls)!,
        AppSettings = args.GetValue(settings)!.Select(s => s.Split('=', 2)).ToDictionary(s => s[0], s => s.Length > 1 ? s[1] : ""),
        WorkerOutput = Console.WriteLine,
    };
    try
    {
        await using var host = await EmulatedHost.StartAsync(options);
        Console.WriteLine($"{host.Url} runs process {host.WorkerId}");
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var problem in host.Problems) await Console.Error.WriteLineAsync(problem);
        await host.StopAsync();
        return host.Problems.Count == 0 ? 0 : 1;
    }
    catch (Exception e) when (e is HostRefusesException or TimeoutException)
    {
        await Console.Error.WriteLineAsync(e.Message);
        return 1;
    }
});
// Stopping takes as long as the worker needs for what it is doing.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(2) });
