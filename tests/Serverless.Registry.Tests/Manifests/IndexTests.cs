using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Manifests;

public sealed class IndexTests
{
    private readonly TestRegistry _test = new();

    private Repository Repository => _test.Repository;

    [Fact]
    public async Task An_index_of_manifests_and_indexes_is_stored()
    {
        var (one, two) = (await PushImageAsync(Repository, "1"), await PushImageAsync(Repository, "2"));
        var inner = await PutIndexAsync(one.Descriptor, two.Descriptor);
        var outer = await PutIndexAsync(inner.Descriptor, one.Descriptor);
        var got = await Repository.Manifests.GetAsync(By(outer.Digest), default);
        Assert.Equal([inner.Digest, one.Digest], got!.Parse(ManifestTypes.Default).Content.Manifests.Select(m => m.Digest));
    }

    [Fact]
    public async Task An_index_with_missing_children_is_refused_and_names_them_all()
    {
        var one = await PushImageAsync(Repository, "1");
        var elsewhere = await PushImageAsync(_test.Open("other"), "2");
        var missing = Missing(1);
        var refusal = await AssertRefusedAsync(RegistryError.ManifestBlobUnknown, () => PutIndexAsync(one.Descriptor, elsewhere.Descriptor, missing));
        Assert.Equal(new[] { elsewhere.Digest.ToString(), missing.Digest.ToString() }.Order(), DigestsIn(refusal).Order());
        Assert.Single(await ListAsync(Repository.Manifests.ListAsync(default)));
    }

    [Fact]
    public async Task Missing_children_of_every_kind_are_named()
    {
        var (manifest, blob) = (Missing(1), Missing(2, MediaTypes.OciLayerGzip));
        var refusal = await AssertRefusedAsync(RegistryError.ManifestBlobUnknown, () => PutIndexAsync(manifest, blob));
        Assert.Equal(new[] { manifest.Digest.ToString(), blob.Digest.ToString() }.Order(), DigestsIn(refusal).Order());
    }

    [Fact]
    public async Task A_put_makes_children_young()
    {
        var child = await PushImageAsync(Repository, "1");
        _test.Time.Advance(TimeSpan.FromHours(30));
        await PutIndexAsync(child.Descriptor);
        var row = await _test.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(Repository.Name, child.Digest), default);
        Assert.Equal(_test.Time.GetUtcNow(), row!.Timestamp);
    }

    // BuildKit pushes a cache as an index whose children are layers and one config.
    [Fact]
    public async Task An_index_whose_children_are_blobs_is_stored_and_keeps_them()
    {
        var layer = await Repository.Blobs.PutAsync(new byte[] { 1 }, default) with { MediaType = MediaTypes.OciLayerGzip };
        var config = await Repository.Blobs.PutAsync(new byte[] { 2 }, default) with { MediaType = "application/vnd.buildkit.cacheconfig.v0" };
        var disguised = await Repository.Blobs.PutAsync(new byte[] { 3 }, default) with { MediaType = MediaTypes.OciManifest };
        var image = await PushImageAsync(Repository, "1");
        _test.Time.Advance(TimeSpan.FromHours(30));
        var index = await PutIndexAsync(layer, image.Descriptor, config, disguised);
        Assert.NotNull(await Repository.Manifests.FindAsync(By(index.Digest), default));
        foreach (var blob in (Descriptor[])[layer, config, disguised])
        {
            var link = await _test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Link(blob.Digest, Repository.Name), default);
            Assert.Equal(_test.Time.GetUtcNow(), link!.Timestamp);
        }
    }

    [Fact]
    public async Task A_manifest_of_an_unknown_type_in_an_index_is_found_as_a_manifest()
    {
        var child = await PushImageAsync(Repository, "1");
        var index = await PutIndexAsync(child.Descriptor with { MediaType = "application/vnd.example.unknown" });
        Assert.NotNull(await Repository.Manifests.FindAsync(By(index.Digest), default));
    }

    [Theory]
    [InlineData(78)]
    [InlineData(79)]
    [InlineData(91)]
    [InlineData(250)]
    public async Task An_index_with_more_children_than_a_batch_takes_is_stored(int count)
    {
        var children = await PushChildrenAsync(count);
        _test.Time.Advance(TimeSpan.FromHours(30));
        var index = await PutIndexAsync(children);
        Assert.NotNull(await Repository.Manifests.GetAsync(By(index.Digest), default));
        foreach (var child in children)
        {
            var row = await _test.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(Repository.Name, child.Digest), default);
            Assert.Equal(_test.Time.GetUtcNow(), row!.Timestamp);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(119)]
    public async Task A_missing_child_among_very_many_is_named(int position)
    {
        var children = await PushChildrenAsync(120);
        children[position] = Missing(1);
        var refusal = await AssertRefusedAsync(RegistryError.ManifestBlobUnknown, () => PutIndexAsync(children));
        Assert.Equal([Missing(1).Digest.ToString()], DigestsIn(refusal));
    }

    [Fact]
    public async Task A_child_named_twice_is_no_trouble()
    {
        var child = await PushImageAsync(Repository, "1");
        Assert.Equal(2, (await PutIndexAsync(child.Descriptor, child.Descriptor)).Content.Manifests.Count);
    }

    [Fact]
    public async Task The_empty_index_is_stored() => Assert.NotNull(await Repository.Manifests.FindAsync(By((await PutIndexAsync()).Digest), default));

    private async Task<Descriptor[]> PushChildrenAsync(int count)
    {
        var children = new Descriptor[count];
        for (var i = 0; i < count; i++)
        {
            var child = ManifestBuilder.ForIndex();
            child.Annotations["number"] = $"{i}";
            var manifest = child.Build();
            await Repository.Manifests.PutAsync(manifest, [], default);
            children[i] = manifest.Descriptor;
        }

        return children;
    }

    private async Task<Manifest> PutIndexAsync(params Descriptor[] children)
    {
        var builder = ManifestBuilder.ForIndex();
        foreach (var child in children) builder.Append(child);
        var index = builder.Build();
        await Repository.Manifests.PutAsync(index, TagsOf("index"), default);
        return index;
    }

    private static Descriptor Missing(byte seed, string mediaType = MediaTypes.OciManifest) => new(mediaType, Sha256Of([seed, 0]), 2);

    [Fact]
    public async Task A_child_named_as_a_manifest_and_as_something_else_is_no_trouble()
    {
        var child = (await PushImageAsync(_test.Repository, "1")).Descriptor;
        var index = ManifestBuilder.ForIndex().Append(child).Append(child with { MediaType = MediaTypes.OctetStream }).Build();
        await _test.Repository.Manifests.PutAsync(index, [], default);
        Assert.NotNull(await _test.Repository.Manifests.FindAsync(By(index.Digest), default));
    }
}
