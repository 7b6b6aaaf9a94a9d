using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Serverless.LocalStorage;
using Serverless.Server;
using Serverless.Web.Settings;

try
{
    if (TaskRun.NameIn(args) is { } task) return await TaskRun.RunAsync(task, args);
    await using var app = ServerApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (SettingsException e)
{
    return await FailAsync(e.Problems);
}
catch (LocalStorageException e)
{
    return await FailAsync([e.Message]);
}
catch (IOException e) when (e.InnerException is AddressInUseException or AggregateException)
{
    return await FailAsync([e.Message]);
}
catch (SocketException e)
{
    return await FailAsync([$"It cannot listen where urls or Registry:Http:Addresses say: {e.Message}."]);
}

static async Task<int> FailAsync(IEnumerable<string> problems)
{
    await Console.Error.WriteLineAsync("The registry cannot start:");
    foreach (var problem in problems) await Console.Error.WriteLineAsync("  - " + problem);
    return 1;
}
