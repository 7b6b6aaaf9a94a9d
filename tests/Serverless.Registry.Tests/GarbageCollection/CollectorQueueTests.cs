using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

public sealed class CollectorQueueTests : GarbageTest
{
    [Fact]
    public async Task What_is_queued_leaves_the_queue_though_the_timer_runs_every_hour()
    {
        var image = await PushImageAsync(Repository, "1", "v1");
        await PushImageAsync(Repository, "2", "v2");
        await Repository.Manifests.DeleteAsync(image.Digest, default);
        var reviews = 0;
        for (var hour = 0; hour < 24 * 14; hour++)
        {
            reviews += (await Test.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default)).Reviewed;
            Test.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Empty(await ListAsync(Test.Tables.ListAsync(TableKeys.SystemTable, TableKeys.RepositoryQueue, default)));
        Assert.Empty(await ListAsync(Test.Tables.ListAsync(TableKeys.SystemTable, TableKeys.DigestQueue, default)));
        Assert.InRange(reviews, 1, 4);
    }

    [Fact]
    public async Task A_repository_that_is_announced_all_the_time_gets_its_turn()
    {
        await PushImageAsync(Repository, "1");
        var reviewed = 0;
        for (var hour = 0; hour <= 24 && reviewed == 0; hour++)
        {
            // Between the reading of the row and its writing somebody else's announcement always comes.
            var tables = new InterruptedTableStore(Test.Tables, write => TableKeys.RepositoryQueue.Covers(write.Key.Partition), () =>
                Test.Tables.WriteAsync(TableKeys.SystemTable, RowWrite.Note(TableKeys.QueuedRepository(Repository.Name)), default));
            var collector = new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time).GarbageCollector;
            reviewed = (await collector.CollectAsync(new CollectionOptions(), null, default)).Reviewed;
            Test.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(1, reviewed);
    }

    [Fact]
    public async Task What_is_old_when_it_is_first_seen_has_its_turn_at_once()
    {
        await PushImageAsync(Repository, "1");
        Wait();
        Assert.Equal(1, (await Test.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default)).Reviewed);
    }

    [Theory]
    [InlineData("No Repository", null)]
    [InlineData("-", null)]
    [InlineData("team.app", "yesterday")]
    public async Task A_broken_row_of_the_queue_or_the_catalog_stops_itself_alone(string key, string? due)
    {
        await PushImageAsync(Test.Open("zzz"), "1", "v1");
        foreach (var partition in (string[])[TableKeys.RepositoryQueuePrefix + "00", TableKeys.DigestQueuePrefix + "00", TableKeys.CatalogPartition("team/")])
        {
            var properties = due is null ? new Dictionary<string, object>() : new() { ["due"] = due };
            await Test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(new RowKey(partition, key), properties), default);
        }

        Wait();
        List<CollectedItem> items = [];
        var summary = await Test.Registry.GarbageCollector.CollectAsync(new CollectionOptions(), items.Add, default);
        Assert.Equal(1, summary.Reviewed);
        Assert.Contains(items, i => i.Kind == CollectedKind.Skipped && i.Note!.Contains(key, StringComparison.Ordinal));
        Assert.Equal(1, (await Test.Registry.Retention.ApplyAsync([new() { OlderThan = TimeSpan.FromDays(1) }], true, null, default)).Tags);
        Assert.Contains("zzz", (await ListAsync(Test.Registry.ListAsync(default))).Select(n => n.ToString()));
    }

    [Fact]
    public async Task A_session_that_was_cancelled_before_its_first_chunk_is_purged()
    {
        var upload = await Repository.Blobs.StartUploadAsync(default);
        await upload.CancelAsync(default);
        for (var run = 0; run < 4; run++)
        {
            Wait();
            await CollectAsync();
        }

        Assert.Empty(await ListAsync(Test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(null, TableKeys.UploadPrefix), default)));
    }

    [Theory]
    [InlineData("references")]
    [InlineData("subject")]
    public async Task A_broken_row_of_a_manifest_does_not_stop_other_repositories(string property)
    {
        var broken = await PushImageAsync(Repository, "1", "v1");
        var elsewhere = await Test.Open("zzz").Blobs.PutAsync(Utf8("unused"), default);
        var row = new Dictionary<string, object> { [property] = property == "subject" ? "oops" : new byte[] { 77, 1, 2 } };
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.UpsertMerge(TableKeys.Manifest(Repository.Name, broken.Digest), row), default);
        List<CollectedItem> items = [];
        for (var run = 0; run < 4; run++)
        {
            Wait();
            items.AddRange(await CollectAsync());
        }

        Assert.Contains(items, i => i.Kind == CollectedKind.Skipped);
        Assert.Equal(elsewhere.Digest, Assert.Single(items, i => i.Kind == CollectedKind.Blob).Digest);
    }

    [Fact]
    public async Task A_broken_row_of_a_blob_does_not_stop_other_blobs()
    {
        var (first, second) = (await Repository.Blobs.PutAsync(Utf8("1"), default), await Repository.Blobs.PutAsync(Utf8("2"), default));
        foreach (var blob in new[] { first, second }) await Repository.Blobs.DeleteAsync(blob.Digest, default);
        var broken = new[] { first.Digest, second.Digest }.MinBy(d => d.ToString(), StringComparer.Ordinal);
        await Test.Tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Upsert(TableKeys.Blob(broken), new Dictionary<string, object>()), default);
        List<CollectedItem> items = [];
        for (var run = 0; run < 4; run++)
        {
            Wait();
            items.AddRange(await CollectAsync());
        }

        Assert.Single(items, i => i.Kind == CollectedKind.Blob);
    }

    [Fact]
    public async Task A_purge_that_dies_before_it_drops_the_bytes_does_so_the_next_time()
    {
        // A finished session whose blob never came about: the PUT died between Put Block List and the rows.
        var probe = new Serverless.Testing.StorageProbe();
        var watched = probe.Watch((Test.Tables, Test.Objects));
        var dying = new ContainerRegistry(watched.Tables, watched.Objects, Test.Options, Test.Time);
        var upload = await dying.GetRepository(Repository.Name).Blobs.StartUploadAsync(default);
        var content = Any.Content(1000);
        await upload.AppendAsync(Body(content), null, default);
        probe.Reset();
        probe.FailAt(3, Serverless.Testing.StorageFault.CrashBefore);
        await Assert.ThrowsAsync<Serverless.Testing.SimulatedCrashException>(() => upload.CommitAsync(Sha256Of(content), Body([]), null, default));
        Assert.Single(await Test.ObjectNamesAsync());
        await CollectAsync();
        Wait();
        probe.Reset();
        for (var call = 0; ; call++)
        {
            probe.Reset();
            probe.FailAt(call, Serverless.Testing.StorageFault.CrashBefore);
            try
            {
                await dying.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
                break;
            }
            catch (Serverless.Testing.SimulatedCrashException)
            {
            }

            Test.Time.Advance(Test.Options.Grace + TimeSpan.FromSeconds(1));
        }

        Assert.Empty(await Test.ObjectNamesAsync());
    }
}
