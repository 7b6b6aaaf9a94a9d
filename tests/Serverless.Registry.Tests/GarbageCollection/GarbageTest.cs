using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>A registry whose garbage is collected by hand, with time that passes by hand.</summary>
public abstract class GarbageTest
{
    private protected TestRegistry Test { get; } = new();

    private protected Repository Repository => Test.Repository;

    /// <summary>A grace passes, and a little more.</summary>
    protected void Wait() => Test.Time.Advance(Test.Options.Grace + TimeSpan.FromSeconds(1));

    /// <summary>One run, as the timer makes it.</summary>
    private protected async Task<List<CollectedItem>> CollectAsync(CollectionOptions? options = null)
    {
        List<CollectedItem> items = [];
        await Test.Registry.GarbageCollector.CollectAsync(options ?? new CollectionOptions(), items.Add, default);
        return items;
    }

    /// <summary>Runs with a grace between them, until a run has nothing to do.</summary>
    private protected async Task<List<CollectedItem>> CollectAllAsync(CollectionOptions? options = null)
    {
        List<CollectedItem> all = [];
        for (var quiet = 0; quiet < 3;)
        {
            Wait();
            var items = await CollectAsync(options);
            all.AddRange(items);
            quiet = items.Count == 0 ? quiet + 1 : 0;
        }

        return all;
    }

    /// <summary>Pulls an image in full.</summary>
    private protected async Task<bool> IsWholeAsync(Manifest manifest)
    {
        if (await Repository.Manifests.GetAsync(TestRegistry.By(manifest.Digest), default) is null) return false;
        foreach (var blob in manifest.Content.Blobs)
        {
            if (await Repository.Blobs.FindAsync(blob.Digest, default) is not { } found) return false;
            if (Digest.Compute(blob.Digest.Algorithm, await TestRegistry.ReadAsync(found, 0, null)) != blob.Digest) return false;
        }

        return true;
    }
}
