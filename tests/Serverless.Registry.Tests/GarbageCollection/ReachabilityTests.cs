using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>What keeps what: tags, children, config and layers, referrers.</summary>
public sealed class ReachabilityTests : GarbageTest
{
    private CollectionOptions Untagged => new() { DeleteUntagged = true, UntaggedAge = Test.Options.Grace };

    [Fact]
    public async Task Children_of_a_live_index_stay_and_theirs_too()
    {
        var (image, nested) = (await PushImageAsync(Repository, "1"), await PushImageAsync(Repository, "2"));
        var inner = await PutIndexAsync([nested.Descriptor]);
        await PutIndexAsync([image.Descriptor, inner.Descriptor], "v1");
        Assert.Empty(await CollectAllAsync(Untagged));
        Assert.True(await IsWholeAsync(image) && await IsWholeAsync(nested));

        await Repository.Tags.DeleteAsync(Tag.Parse("v1"), default);
        var items = await CollectAllAsync(Untagged);
        Assert.Equal(4, items.Count(i => i.Kind == CollectedKind.Manifest));
        Assert.Equal(4, items.Count(i => i.Kind == CollectedKind.Blob));
        Assert.Empty(await Test.ObjectNamesAsync());
    }

    [Fact]
    public async Task Children_of_an_index_of_more_than_ninety_stay()
    {
        List<Manifest> children = [];
        for (var i = 0; i < 120; i++) children.Add(await PushImageAsync(Repository, $"{i}"));
        await PutIndexAsync([.. children.Select(c => c.Descriptor)], "v1");
        Assert.Empty(await CollectAllAsync(Untagged));
        foreach (var child in children) Assert.True(await IsWholeAsync(child));
    }

    [Fact]
    public async Task Referrers_of_live_subjects_stay_and_those_of_dead_ones_go()
    {
        var (live, dead) = (await PushImageAsync(Repository, "1", "v1"), await PushImageAsync(Repository, "2"));
        var (signature, stale) = (await PushReferrerAsync("3", live), await PushReferrerAsync("4", dead));
        var ofSignature = await PushReferrerAsync("5", signature);
        var items = await CollectAllAsync(Untagged);
        Assert.Equal(
            new[] { dead.Digest, stale.Digest }.ToHashSet(), items.Where(i => i.Kind == CollectedKind.Manifest).Select(i => i.Digest!.Value).ToHashSet());
        Assert.True(await IsWholeAsync(live) && await IsWholeAsync(signature) && await IsWholeAsync(ofSignature));
        Assert.Empty((await Repository.Referrers.ListPageAsync(dead.Digest, null, 10, null, default)).Referrers);
    }

    [Fact]
    public async Task A_manifest_of_a_type_that_the_collector_does_not_know_keeps_all_that_it_names()
    {
        const string Odd = "application/vnd.example.odd+json";
        var blob = await Repository.Blobs.PutAsync(Utf8("odd"), default);
        var types = ManifestTypes.Default.With(Odd, _ => new ManifestContent { Blobs = [blob] });
        var knowing = new ContainerRegistry(Test.Tables, Test.Objects, Test.Options with { ManifestTypes = types }, Test.Time);
        var manifest = types.Parse(Odd, Utf8("{\"schemaVersion\":2}"));
        await knowing.GetRepository(Repository.Name).Manifests.PutAsync(manifest, TagsOf("v1"), default);
        Assert.Empty(await CollectAllAsync(Untagged));
        Assert.Equal(Utf8("odd"), await ReadAsync(Repository, blob.Digest));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(2100)]
    public async Task Layers_stay_whether_their_list_fits_into_the_row_or_not(int count)
    {
        var config = await Repository.Blobs.PutAsync(Utf8("{}"), default);
        var builder = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig });
        for (var i = 0; i < count; i++) builder.Append(await Repository.Blobs.PutAsync(BitConverter.GetBytes(i), default) with { MediaType = MediaTypes.OciLayerGzip });
        var image = builder.Build();
        await Repository.Manifests.PutAsync(image, TagsOf("v1"), default);
        var unused = await Repository.Blobs.PutAsync(Utf8("unused"), default);

        var items = await CollectAllAsync(Untagged);
        Assert.Equal(unused.Digest, Assert.Single(items, i => i.Kind == CollectedKind.Blob).Digest);
        Assert.True(await IsWholeAsync(image));
    }

    [Fact]
    public async Task A_manifest_too_large_for_its_row_keeps_its_own_content()
    {
        var small = await BuildImageAsync(Repository, "1");
        byte[] payload = [.. small.Payload.Span, .. Enumerable.Repeat((byte)' ', 700 * 1024)];
        var large = ManifestTypes.Default.Parse(small.MediaType, payload);
        await Repository.Manifests.PutAsync(large, TagsOf("v1"), default);
        Assert.Empty(await CollectAllAsync(Untagged));
        Assert.True(await IsWholeAsync(large));

        await Repository.Manifests.DeleteAsync(large.Digest, default);
        await CollectAllAsync();
        Assert.Empty(await Test.ObjectNamesAsync());
    }

    private async Task<Manifest> PutIndexAsync(Descriptor[] children, params string[] tags)
    {
        var builder = ManifestBuilder.ForIndex();
        foreach (var child in children) builder.Append(child);
        var index = builder.Build();
        await Repository.Manifests.PutAsync(index, TagsOf(tags), default);
        return index;
    }

    private async Task<Manifest> PushReferrerAsync(string seed, Manifest subject)
    {
        var manifest = await BuildImageAsync(Repository, seed, b => b.Subject = subject.Descriptor);
        await Repository.Manifests.PutAsync(manifest, [], default);
        return manifest;
    }
}
