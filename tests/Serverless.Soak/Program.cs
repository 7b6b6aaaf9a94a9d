using Serverless.Registry.Storage.InMemory;
using Serverless.Soak;
using Serverless.Testing;

if (SoakOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine("Usage: Serverless.Soak [--storage memory|azurite] [--minutes N] [--seed N] [--without conditional-delete]");
    return 2;
}

if (!options.UseAzurite)
{
    return await new SoakRun(options, new Stores(new InMemoryTableStore(TimeProvider.System), new InMemoryObjectStore(TimeProvider.System))).RunAsync() ? 0 : 1;
}

var azurite = new AzuriteServer();
await azurite.InitializeAsync();
try
{
    var (tables, objects) = azurite.NewStores();
    return await new SoakRun(options, new Stores(tables, objects)).RunAsync() ? 0 : 1;
}
finally
{
    await azurite.DisposeAsync();
}
