using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>A run costs what has changed, not what is stored.</summary>
public sealed class CollectorCostTests : GarbageTest
{
    private const int Repositories = 1000, ManifestsEach = 100, Touched = 10;

    [Fact]
    public async Task With_a_hundred_thousand_manifests_a_run_reads_only_the_repositories_that_were_touched()
    {
        await FillAsync();
        for (var i = 0; i < Touched; i++)
        {
            var repository = Test.Open($"touched{i}");
            var deleted = await PushImageAsync(repository, $"{i}", "v1");
            await PushImageAsync(repository, "kept", "v2");
            await repository.Manifests.DeleteAsync(deleted.Digest, default);
        }

        await CollectAsync();
        Wait();
        var probe = new StorageProbe();
        var watched = probe.Watch((Test.Tables, Test.Objects));
        var collector = new ContainerRegistry(watched.Tables, watched.Objects, Test.Options, Test.Time).GarbageCollector;

        // Of each repository: the format; catalog, manifests, what was deleted, tags, hints; digests queued; two links read and deleted; hints deleted; the sum; pulls; pointers, one of them doubted and gone; uploads; queue.
        var summary = await collector.CollectAsync(new CollectionOptions(), null, default);
        Assert.Equal((Touched, 2 * Touched), (summary.Reviewed, summary.Count(CollectedKind.Link)));
        // What holds for all takes a call, and the marker one; each queue takes one, and each of the queued digests is looked at and put off.
        AssertCost(probe, table: 4 + (Touched * 19) + (2 * Touched * 2), objects: 1);

        Wait();
        probe.Reset();
        summary = await collector.CollectAsync(new CollectionOptions(), null, default);
        Assert.Equal(2 * Touched, summary.Count(CollectedKind.Blob));
        // Of each blob: looked at, its bytes noted in the queue, row and bytes deleted, out of the queue with others.
        AssertCost(probe, table: 4 + (Touched * 12) + (2 * Touched * 3) + 1, objects: 1 + (2 * Touched));

        static void AssertCost(StorageProbe probe, int table, int objects)
        {
            Assert.InRange(probe.Counts.Table, 1, table);
            Assert.Equal(objects, probe.Counts.Object);
            Assert.DoesNotContain(probe.Calls, c => c.Contains("filled", StringComparison.Ordinal));
        }
    }

    // By rows, which is a thousand times faster than by pushes.
    private async Task FillAsync()
    {
        var properties = new Dictionary<string, object> { ["mediaType"] = MediaTypes.OciManifest, ["size"] = 2L, ["payload"] = Utf8("{}"), ["references"] = Array.Empty<byte>() };
        for (var i = 0; i < Repositories; i++)
        {
            var name = RepositoryName.Parse($"filled/{i}");
            await Test.Tables.WriteAsync(TableKeys.SystemTable, RowWrite.Note(TableKeys.Catalog(name)), default);
            RowWrite[] rows = [.. Enumerable.Range(0, ManifestsEach).Select(m => new RowWrite.Upsert(TableKeys.Manifest(name, Sha256Of(BitConverter.GetBytes(m))), properties))];
            await Test.Tables.WriteAsync(TableKeys.RegistryTable, rows, default);
        }
    }
}
