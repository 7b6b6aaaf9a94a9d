using Microsoft.Extensions.Hosting;
using Serverless.Functions;
using Serverless.Web.Settings;

try
{
    using var host = WorkerApp.Create(args);
    await host.RunAsync();
    return 0;
}
catch (SettingsException e)
{
    await Console.Error.WriteLineAsync("The registry cannot start:");
    foreach (var problem in e.Problems) await Console.Error.WriteLineAsync("  - " + problem);
    return 1;
}
