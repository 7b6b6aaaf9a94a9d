using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

public sealed class GarbageCollectorTests : GarbageTest
{
    [Fact]
    public async Task What_a_tag_leads_to_stays()
    {
        var image = await PushImageAsync(Repository, "1", "v1");
        Assert.Empty(await CollectAllAsync());
        Assert.Empty(await CollectAllAsync(new CollectionOptions { DeleteUntagged = true }));
        Assert.True(await IsWholeAsync(image));
    }

    [Fact]
    public async Task The_blobs_of_a_deleted_manifest_go_after_a_grace_and_those_of_others_stay()
    {
        var (gone, kept) = (await PushImageAsync(Repository, "1", "v1"), await PushImageAsync(Repository, "2", "v2"));
        Wait();
        await Repository.Manifests.DeleteAsync(gone.Digest, default);
        Assert.Empty(await CollectAsync());
        Assert.All(gone.Content.Blobs, b => Assert.NotNull(Repository.Blobs.FindAsync(b.Digest, default).Result));

        var items = await CollectAllAsync();
        Assert.Equal(2, items.Count(i => i.Kind == CollectedKind.Link));
        Assert.Equal(gone.Content.Blobs.Select(b => b.Digest).ToHashSet(), items.Where(i => i.Kind == CollectedKind.Blob).Select(i => i.Digest!.Value).ToHashSet());
        Assert.Equal(2, (await Test.ObjectNamesAsync()).Count);
        Assert.True(await IsWholeAsync(kept));
    }

    [Fact]
    public async Task A_manifest_that_was_deleted_by_mistake_is_pushed_again_without_its_layers()
    {
        var image = await PushImageAsync(Repository, "1", "v1");
        Wait();
        await Repository.Manifests.DeleteAsync(image.Digest, default);
        await CollectAsync();
        Test.Time.Advance(Test.Options.Grace / 2);
        await CollectAsync();
        await Repository.Manifests.PutAsync(image, TagsOf("v1"), default);
        Assert.Empty(await CollectAllAsync());
        Assert.True(await IsWholeAsync(image));
    }

    [Fact]
    public async Task An_abandoned_blob_goes_and_a_repository_without_manifests_leaves_the_catalog()
    {
        var image = await PushImageAsync(Repository, "1", "v1");
        await Repository.Manifests.DeleteAsync(image.Digest, default);
        var items = await CollectAllAsync();
        Assert.Equal(2, items.Count(i => i.Kind == CollectedKind.Blob));
        Assert.Single(items, i => i.Kind == CollectedKind.Repository);
        Assert.False(await Test.Registry.ContainsAsync(Repository.Name, default));
        Assert.Empty(await Test.ObjectNamesAsync());
    }

    [Fact]
    public async Task Untagged_manifests_stay_unless_they_are_to_go()
    {
        var (old, current) = (await PushImageAsync(Repository, "1", "v1"), await PushImageAsync(Repository, "2", "v1"));
        Assert.Empty(await CollectAllAsync());
        await Test.Registry.GetRepository(Repository.Name).Tags.PutAsync(Tag.Parse("again"), current.Digest, default);
        var items = await CollectAllAsync(new CollectionOptions { DeleteUntagged = true, UntaggedAge = Test.Options.Grace });
        Assert.Equal(old.Digest, Assert.Single(items, i => i.Kind == CollectedKind.Manifest).Digest);
        Assert.Equal(2, items.Count(i => i.Kind == CollectedKind.Blob));
        Assert.True(await IsWholeAsync(current));
    }

    [Fact]
    public async Task A_dry_run_lists_what_the_run_then_deletes_and_deletes_nothing()
    {
        await PushImageAsync(Repository, "1", "v1");
        await PushImageAsync(Repository, "2", "v1");
        var options = new CollectionOptions { DeleteUntagged = true, UntaggedAge = Test.Options.Grace };
        await CollectAsync(options);
        var (listed, deleted) = (0, 0);
        for (var run = 0; run < 6; run++)
        {
            Wait();
            var before = Test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(null, ""), default);
            var rows = (await ListAsync(before)).Select(r => (r.Key, r.ETag)).ToList();
            var dry = await CollectAsync(options with { DryRun = true });
            Assert.Equal(rows, (await ListAsync(before)).Select(r => (r.Key, r.ETag)));
            var real = await CollectAsync(options);
            Assert.Equal(dry.Select(i => i.ToString()).Order(), real.Select(i => i.ToString()).Order());
            (listed, deleted) = (listed + dry.Count, deleted + real.Count);
        }

        Assert.Equal(5, deleted);
    }

    [Fact]
    public async Task Abandoned_uploads_are_purged()
    {
        var upload = await Repository.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(Body(Any.Content(3 * BlockSize)), null, default);
        Assert.Empty(await CollectAsync());
        Wait();
        foreach (var options in new[] { new CollectionOptions { DryRun = true }, new() })
        {
            var ended = Assert.Single(await CollectAsync(options));
            Assert.Equal((CollectedKind.Upload, Repository.Name, 3L * BlockSize, $"{upload.Id:N}"), (ended.Kind, ended.Repository, ended.Size, ended.Note));
        }

        Assert.Empty(await CollectAllAsync());
    }
}
