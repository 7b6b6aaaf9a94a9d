using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Manifests;

/// <summary>What a manifest names must be in the repository with it.</summary>
public sealed class ManifestReferenceTests
{
    private readonly TestRegistry _test = new();

    private Repository Repository => _test.Repository;

    [Fact]
    public async Task Put_manifest_with_missing_blobs_is_refused_and_names_them_all()
    {
        var builder = ManifestBuilder.ForImage(Missing(1, MediaTypes.OciConfig));
        builder.Append(await Repository.Blobs.PutAsync(new byte[] { 7 }, default));
        for (byte i = 2; i < 60; i++) builder.Append(Missing(i));
        var manifest = builder.Append(Missing(2)).Build();
        var refusal = await AssertRefusedAsync(RegistryError.ManifestBlobUnknown, () => Repository.Manifests.PutAsync(manifest, TagsOf("latest"), default));
        var expected = Enumerable.Range(1, 59).Select(i => Sha256Of([(byte)i, 0]).ToString());
        Assert.Equal(expected.Order(), DigestsIn(refusal).Order());
        Assert.Null(await Repository.Manifests.FindAsync(By(manifest.Digest), default));
        Assert.Null(await Repository.Tags.FindAsync(Tag.Parse("latest"), default));
    }

    [Fact]
    public async Task A_blob_of_another_repository_is_missing()
    {
        var manifest = await BuildImageAsync(_test.Open("other"), "1");
        await AssertRefusedAsync(RegistryError.ManifestBlobUnknown, () => Repository.Manifests.PutAsync(manifest, [], default));
    }

    [Fact]
    public async Task A_put_makes_the_links_of_its_blobs_young()
    {
        var manifest = await BuildImageAsync(Repository, "1");
        _test.Time.Advance(TimeSpan.FromHours(30));
        await Repository.Manifests.PutAsync(manifest, [], default);
        foreach (var blob in manifest.Content.Blobs)
        {
            var link = await _test.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Link(blob.Digest, Repository.Name), default);
            Assert.Equal(_test.Time.GetUtcNow(), link!.Timestamp);
        }
    }

    [Fact]
    public async Task A_blob_named_twice_is_no_trouble()
    {
        var manifest = await BuildImageAsync(Repository, "1", b => b.Append(b.References[1]).Append(b.References[0]));
        await Repository.Manifests.PutAsync(manifest, [], default);
        Assert.NotNull(await Repository.Manifests.FindAsync(By(manifest.Digest), default));
    }

    [Theory]
    [InlineData("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", true)]
    [InlineData(MediaTypes.OciLayerGzip, false)]
    public async Task Only_a_non_distributable_layer_may_be_absent(string mediaType, bool accepted)
    {
        var manifest = await BuildImageAsync(Repository, "1", b => b.Append(Missing(1, mediaType) with { Urls = ["https://a.example/layer"] }));
        var put = () => Repository.Manifests.PutAsync(manifest, [], default);
        if (accepted) await put();
        else await AssertRefusedAsync(RegistryError.ManifestBlobUnknown, put);
        Assert.Equal(accepted, await Repository.Manifests.FindAsync(By(manifest.Digest), default) is not null);
    }

    [Fact]
    public async Task A_missing_subject_is_no_reason_to_refuse_and_the_referrer_is_listed()
    {
        var subject = Missing(1, MediaTypes.OciManifest);
        var manifest = await BuildImageAsync(Repository, "1", b => (b.Subject, b.ArtifactType) = (subject, "application/x"));
        await Repository.Manifests.PutAsync(manifest, [], default);
        var (referrers, next) = await Repository.Referrers.ListPageAsync(subject.Digest, null, 10, null, default);
        using var json = System.Text.Json.JsonDocument.Parse(Assert.Single(referrers).Descriptor);
        Assert.Null(next);
        Assert.Equal(manifest.Digest.ToString(), json.RootElement.GetProperty("digest").GetString());
        Assert.Equal("application/x", json.RootElement.GetProperty("artifactType").GetString());
        await Repository.Manifests.DeleteAsync(manifest.Digest, default);
        Assert.Empty((await Repository.Referrers.ListPageAsync(subject.Digest, null, 10, null, default)).Referrers);
    }

    private static Descriptor Missing(byte seed, string mediaType = MediaTypes.OciLayerGzip) => new(mediaType, Sha256Of([seed, 0]), 2);
}
