using Serverless.Functions.Hosting;

try
{
    await using var app = await RegistryApp.CreateAsync(args, CancellationToken.None);
    await app.RunAsync();
    return 0;
}
catch (SettingsException e)
{
    await Console.Error.WriteLineAsync("The registry cannot start:");
    foreach (var problem in e.Problems) await Console.Error.WriteLineAsync("  - " + problem);
    return 1;
}
