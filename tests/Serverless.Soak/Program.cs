using Serverless.Registry.Storage.InMemory;
using Serverless.Soak;
using Serverless.Testing;

if (SoakOptions.Parse(args) is not { } options)
{
    Console.Error.WriteLine("Usage: Serverless.Soak [--storage memory|azurite|local] [--minutes N] [--seed N] [--without conditional-delete]");
    return 2;
}

switch (options.Storage)
{
    case "memory":
        return await RunAsync(new SoakStorage(new Stores(new InMemoryTableStore(TimeProvider.System), new InMemoryObjectStore(TimeProvider.System))));
    case "local":
        // Not a disk in memory: it is to be as slow as disks are.
        var folder = Directory.CreateTempSubdirectory("registry-soak-").FullName;
        try
        {
            return await RunAsync(new LocalSoakStorage(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

    default:
        var azurite = new AzuriteServer();
        await azurite.InitializeAsync();
        try
        {
            var (tables, objects) = azurite.NewStores();
            return await RunAsync(new SoakStorage(new Stores(tables, objects)));
        }
        finally
        {
            await azurite.DisposeAsync();
        }
}

async Task<int> RunAsync(SoakStorage storage) => await new SoakRun(options, storage).RunAsync() ? 0 : 1;
