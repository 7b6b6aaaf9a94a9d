using Microsoft.AspNetCore.Connections;
using Serverless.Server;
using Serverless.Web.Settings;

try
{
    await using var app = ServerApp.Create(args);
    await app.RunAsync();
    return 0;
}
catch (SettingsException e)
{
    return await FailAsync(e.Problems);
}
catch (IOException e) when (e.InnerException is AddressInUseException)
{
    return await FailAsync([e.Message]);
}

static async Task<int> FailAsync(IEnumerable<string> problems)
{
    await Console.Error.WriteLineAsync("The registry cannot start:");
    foreach (var problem in problems) await Console.Error.WriteLineAsync("  - " + problem);
    return 1;
}
