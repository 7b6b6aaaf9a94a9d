using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Manifests;

/// <summary>What an immutable tag points at may not change, and the images of an index are part of it.</summary>
public sealed class ImmutableIndexTests
{
    private readonly TestRegistry _test = new(new RegistryOptions { BlockSize = BlockSize, ImmutableTags = [new ImmutableTags("team/*", "v*", [])] });

    private Repository Repository => _test.Repository;

    [Fact]
    public async Task A_child_cannot_be_deleted_while_an_immutable_tag_points_at_its_index()
    {
        var (image, index) = await PushIndexAsync("v1");
        await RefusedAsync(image);
        await RefusedAsync(index);
        Assert.NotNull(await Repository.Manifests.FindAsync(By(image.Digest), default));
    }

    [Fact]
    public async Task A_grandchild_cannot_be_deleted_either()
    {
        var (image, inner) = await PushIndexAsync();
        var outer = ManifestBuilder.ForIndex().Append(inner.Descriptor).Build();
        await Repository.Manifests.PutAsync(outer, TagsOf("v1"), default);
        await RefusedAsync(image);
        await RefusedAsync(inner);
        (await StoreAudit.ReadAsync((_test.Tables, _test.Objects))).AssertSound();
    }

    [Fact]
    public async Task It_does_not_matter_when_the_tag_came()
    {
        var (image, index) = await PushIndexAsync("latest");
        await Repository.Tags.PutAsync(Tag.Parse("v1"), index.Digest, default);
        await RefusedAsync(image);
    }

    [Fact]
    public async Task Under_a_tag_that_may_move_a_child_may_be_deleted()
    {
        var (image, index) = await PushIndexAsync("latest");
        Assert.True(await Repository.Manifests.DeleteAsync(image.Digest, default));
        Assert.True(await Repository.Manifests.DeleteAsync(index.Digest, default));
    }

    [Fact]
    public async Task When_the_tag_is_gone_or_immutable_no_more_its_child_may_be_deleted()
    {
        var (image, index) = await PushIndexAsync("v1");
        var (other, otherIndex) = (await PushImageAsync(Repository, "2"), ManifestBuilder.ForIndex());
        await Repository.Manifests.PutAsync(otherIndex.Append(other.Descriptor).Build(), TagsOf("v2"), default);
        // The operator takes the rule away, and somebody deletes and moves tags.
        var loose = new ContainerRegistry(_test.Tables, _test.Objects, _test.Options with { ImmutableTags = [] }, _test.Time).GetRepository(Repository.Name);
        await loose.Tags.DeleteAsync(Tag.Parse("v1"), default);
        Assert.True(await loose.Manifests.DeleteAsync(other.Digest, default));
        // With the rule again: what once led to the tag leads nowhere.
        Assert.True(await Repository.Manifests.DeleteAsync(image.Digest, default));
        Assert.True(await Repository.Manifests.DeleteAsync(index.Digest, default));
    }

    [Fact]
    public async Task A_collection_leaves_what_leads_from_a_child_to_its_index()
    {
        var (image, _) = await PushIndexAsync("v1");
        for (var run = 0; run < 4; run++)
        {
            _test.Time.Advance(_test.Options.Grace * 1.25);
            await _test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions { DeleteUntagged = true }, null, default);
        }

        await RefusedAsync(image);
    }

    [Fact]
    public async Task An_index_that_was_deleted_and_restored_keeps_its_child_again()
    {
        var (image, index) = await PushIndexAsync("latest");
        await Repository.Manifests.DeleteAsync(index.Digest, default);
        await Repository.Manifests.UndeleteAsync(By(index.Digest), default);
        await Repository.Tags.PutAsync(Tag.Parse("v1"), index.Digest, default);
        await RefusedAsync(image);
    }

    [Fact]
    public async Task An_index_with_more_children_than_a_batch_takes_keeps_them_all()
    {
        List<Manifest> images = [];
        var index = ManifestBuilder.ForIndex();
        for (var i = 0; i < 120; i++)
        {
            images.Add(await PushImageAsync(Repository, $"{i}"));
            index.Append(images[^1].Descriptor);
        }

        await Repository.Manifests.PutAsync(index.Build(), TagsOf("v1"), default);
        foreach (var image in images) await RefusedAsync(image);
    }

    [Fact]
    public async Task A_child_of_an_index_that_is_pushed_at_the_last_moment_cannot_be_deleted()
    {
        var image = await PushImageAsync(Repository, "1");
        var index = ManifestBuilder.ForIndex().Append(image.Descriptor).Build();
        // All has been read, and the child is about to go.
        var tables = new InterruptedTableStore(_test.Tables, w => w is RowWrite.Delete && w.Key.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal), () =>
            Repository.Manifests.PutAsync(index, TagsOf("v1"), default));
        var registry = new ContainerRegistry(tables, _test.Objects, _test.Options, _test.Time);
        await AssertRefusedAsync(RegistryError.Denied, () => registry.GetRepository(Repository.Name).Manifests.DeleteAsync(image.Digest, default));
        (await StoreAudit.ReadAsync((_test.Tables, _test.Objects))).AssertSound();
    }

    private Task<RegistryException> RefusedAsync(Manifest manifest) => AssertRefusedAsync(RegistryError.Denied, () => Repository.Manifests.DeleteAsync(manifest.Digest, default));

    /// <returns>An image, and an index of it under the tags.</returns>
    private async Task<(Manifest Image, Manifest Index)> PushIndexAsync(params string[] tags)
    {
        var image = await PushImageAsync(Repository, "1");
        var index = ManifestBuilder.ForIndex().Append(image.Descriptor).Build();
        await Repository.Manifests.PutAsync(index, TagsOf(tags), default);
        return (image, index);
    }
}
