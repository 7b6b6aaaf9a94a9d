using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>What other registries' collectors have done to their users.</summary>
public sealed class FaultTests : GarbageTest
{
    [Fact]
    public async Task A_blob_that_was_collected_before_its_manifest_came_is_named_as_missing()
    {
        var image = await BuildImageAsync(Repository, "1");
        await CollectAllAsync();
        var refusal = await AssertRefusedAsync(RegistryError.ManifestBlobUnknown, () => Repository.Manifests.PutAsync(image, TagsOf("v1"), default));
        Assert.Equal(image.Content.Blobs.Select(b => b.Digest.ToString()).Order(), DigestsIn(refusal).Order());
        Assert.Null(await Repository.Manifests.FindAsync(By("v1"), default));
    }

    [Theory]
    [InlineData("head")]
    [InlineData("mount")]
    [InlineData("upload")]
    public async Task An_old_blob_that_somebody_uses_again_stays(string how)
    {
        var image = await BuildImageAsync(Repository, "1");
        await CollectAsync();
        Wait();
        var target = how == "mount" ? Test.Open("other") : Repository;
        foreach (var blob in image.Content.Blobs)
        {
            if (how == "head") Assert.NotNull(await Repository.Blobs.FindAndKeepAsync(blob.Digest, default));
            if (how == "mount") Assert.NotNull(await target.Blobs.MountAsync(blob.Digest, Repository.Name, default));
        }

        if (how == "upload") await BuildImageAsync(Repository, "1");
        for (var run = 0; run < 3; run++) await CollectAsync();
        await target.Manifests.PutAsync(image, TagsOf("v1"), default);
        await CollectAllAsync();
        foreach (var blob in image.Content.Blobs) Assert.Equal(blob.Digest, Sha256Of(await ReadAsync(target, blob.Digest)));
    }

    [Fact]
    public async Task What_was_deleted_and_collected_is_pushed_again_and_pulled_on_another_instance()
    {
        var image = await PushImageAsync(Repository, "1", "v1");
        var other = Test.NewInstance().GetRepository(Repository.Name);
        Assert.NotNull(await other.Manifests.GetAsync(By("v1"), default));
        await Repository.Manifests.DeleteAsync(image.Digest, default);
        await CollectAllAsync();
        Assert.Empty(await Test.ObjectNamesAsync());

        await PushImageAsync(Repository, "1", "v1");
        Assert.NotNull(await other.Manifests.GetAsync(By("v1"), default));
        foreach (var blob in image.Content.Blobs) Assert.Equal(blob.Digest, Sha256Of(await ReadAsync(other, blob.Digest)));
        Assert.Contains(Repository.Name, await ListAsync(Test.Registry.ListAsync(default)));
    }

    [Fact]
    public async Task A_failure_while_marking_deletes_nothing()
    {
        var image = await PushImageAsync(Repository, "1", "v1");
        var unused = await Repository.Blobs.PutAsync(Utf8("unused"), default);
        await CollectAsync();
        Wait();
        var probe = new StorageProbe();
        var watched = probe.Watch((Test.Tables, Test.Objects));
        var collector = new ContainerRegistry(watched.Tables, watched.Objects, Test.Options, Test.Time).GarbageCollector;
        // What holds for all, the queue, the same again and the marker, the catalog, manifests, what was deleted, tags, hints.
        const int Reads = 9;
        for (var call = 0; call < Reads; call++)
        {
            probe.Reset();
            probe.FailAt(call, StorageFault.Unavailable);
            await Assert.ThrowsAsync<StorageUnavailableException>(() => collector.CollectAsync(new CollectionOptions(), null, default));
            Assert.DoesNotContain(probe.Calls, c => c.Contains("Delete", StringComparison.Ordinal));
        }

        Assert.StartsWith("query registry b:", probe.Calls[Reads - 1], StringComparison.Ordinal);
        var items = await CollectAllAsync();
        Assert.Equal(unused.Digest, Assert.Single(items, i => i.Kind == CollectedKind.Blob).Digest);
        Assert.True(await IsWholeAsync(image));
    }

    [Fact]
    public async Task A_broken_manifest_keeps_what_it_names_and_does_not_stop_others()
    {
        var broken = await PushImageAsync(Repository, "1", "v1");
        var elsewhere = await Test.Open("other").Blobs.PutAsync(Utf8("unused"), default);
        var row = new Dictionary<string, object> { ["mediaType"] = MediaTypes.OciManifest, ["size"] = 5L, ["payload"] = Utf8("{oops") };
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(TableKeys.Manifest(Repository.Name, broken.Digest), row), default);
        List<CollectedItem> items = [];
        for (var run = 0; run < 4; run++)
        {
            Wait();
            items.AddRange(await CollectAsync());
        }

        Assert.Contains(items, i => i.Kind == CollectedKind.Skipped && i.Digest == broken.Digest);
        Assert.Equal(elsewhere.Digest, Assert.Single(items, i => i.Kind == CollectedKind.Blob).Digest);
        foreach (var blob in broken.Content.Blobs) Assert.NotNull(await Repository.Blobs.FindAsync(blob.Digest, default));

        // It is looked at again, so once it is whole the rest is collected.
        await Repository.Manifests.PutAsync(broken, TagsOf("v1"), default);
        await Repository.Manifests.DeleteAsync(broken.Digest, default);
        await CollectAllAsync();
        Assert.Empty(await Test.ObjectNamesAsync());
    }

    [Fact]
    public async Task One_blob_pushed_many_times_at_once_while_old_copies_are_collected_is_kept_once()
    {
        await BuildImageAsync(Repository, "1");
        await CollectAsync();
        Wait();
        var names = Enumerable.Range(0, 20).Select(i => $"team/app{i}").ToList();
        var pushes = Task.WhenAll(names.Select(n => Task.Run(() => PushImageAsync(Test.Open(n), "1", "v1"))));
        var collections = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default))));
        await pushes;
        await collections;
        await CollectAllAsync();
        Assert.Equal(2, (await Test.ObjectNamesAsync()).Count);
        (await StoreAudit.ReadAsync((Test.Tables, Test.Objects))).AssertSound();
    }

    [Fact]
    public async Task Two_collectors_at_once_delete_each_thing_and_nothing_else()
    {
        var kept = await PushImageAsync(Repository, "kept", "v1");
        for (var i = 0; i < 50; i++) await BuildImageAsync(Test.Open($"team/app{i % 5}"), $"{i}");
        await CollectAsync();
        for (var run = 0; run < 4; run++)
        {
            Wait();
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => Test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default))));
            (await StoreAudit.ReadAsync((Test.Tables, Test.Objects))).AssertSound();
        }

        Assert.Equal(2, (await Test.ObjectNamesAsync()).Count);
        Assert.True(await IsWholeAsync(kept));
    }
}
