using Serverless.Registry;
using Serverless.Registry.GarbageCollection;
using Serverless.Testing;

namespace Serverless.Soak;

/// <summary>Collects again and again; when its instance dies it goes on with a new one.</summary>
internal sealed class Collector(int number, SoakOptions options, SoakStorage storage, Ledger ledger)
{
    private readonly SeededGenerator _random = new((options.Seed * 1000) + 500 + (ulong)number);

    public async Task RunAsync(CancellationToken stop)
    {
        Instance? instance = null;
        while (!stop.IsCancellationRequested)
        {
            instance = Instance.Next(instance, storage, _random, faultRate: 2, options.DeleteAnyVersion ? static stores => stores with { Tables = new AnyVersionTableStore(stores.Tables) } : null);
            try
            {
                ledger.Count("collection", operation: true);
                Add(await instance.Registry.GarbageCollector.CollectAsync(SoakOptions.Collection, null, default));
            }
            catch (Exception e) when (StorageFaults.IsFault(e))
            {
                ledger.Count("failed collection");
            }

            await Task.Delay(_random.Next(400), CancellationToken.None);
        }
    }

    /// <summary>Collects until nothing is left to do, with graces in between and without faults.</summary>
    public static async Task FinishAsync(Stores stores, Ledger ledger)
    {
        var registry = new ContainerRegistry(stores.Tables, stores.Objects, SoakOptions.Registry, TimeProvider.System);
        for (var quiet = 0; quiet < 2;)
        {
            await Task.Delay(SoakOptions.Registry.Grace + TimeSpan.FromSeconds(1));
            var summary = await registry.GarbageCollector.CollectAsync(SoakOptions.Collection, item => ledger.Count($"at the end: {item.Kind}"), default);
            var done = Enum.GetValues<CollectedKind>().Sum(summary.Count);
            quiet = done == 0 && summary.Finished ? quiet + 1 : 0;
        }
    }

    private void Add(CollectionSummary summary)
    {
        foreach (var kind in Enum.GetValues<CollectedKind>())
        {
            for (var i = 0; i < summary.Count(kind); i++) ledger.Count($"collected {kind}");
        }
    }
}
