using System.Text;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Tests.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Manifests;

public sealed class ManifestStoreTests
{
    private readonly TestRegistry _test = new(maxPageSize: 3);

    [Fact]
    public async Task A_manifest_is_found_by_digest_and_by_tag()
    {
        var manifest = await PushImageAsync(_test.Repository, "1", "latest", "v1");
        foreach (var reference in (Reference[])[By(manifest.Digest), By("latest"), By("v1")])
        {
            var found = await _test.Repository.Manifests.FindAsync(reference, default);
            Assert.Equal((manifest.MediaType, manifest.Digest, manifest.Payload.Length), (found!.MediaType, found.Digest, (int)found.Size));
            var got = await _test.Repository.Manifests.GetAsync(reference, default);
            Assert.Equal((manifest.MediaType, manifest.Digest), (got!.MediaType, got.Digest));
            Assert.Equal(manifest.Payload.ToArray(), got.Payload.ToArray());
            Assert.Equal(2, got.Parse(_test.Options.ManifestTypes).Content.Blobs.Count);
        }
    }

    [Fact]
    public async Task A_manifest_that_was_never_put_is_absent()
    {
        await PushImageAsync(_test.Repository, "1", "latest");
        foreach (var reference in (Reference[])[By(Sha256Of([])), By("none")])
        {
            Assert.Null(await _test.Repository.Manifests.FindAsync(reference, default));
            Assert.Null(await _test.Repository.Manifests.GetAsync(reference, default));
        }

        Assert.Null(await _test.Open("other").Manifests.GetAsync(By("latest"), default));
        Assert.False(await _test.Repository.Manifests.DeleteAsync(Sha256Of([]), default));
    }

    [Theory]
    [InlineData(64 * 1024)]
    [InlineData((64 * 1024) + 1)]
    [InlineData(640 * 1024)]
    [InlineData((640 * 1024) + 1)]
    [InlineData(4 * 1024 * 1024)]
    public async Task A_manifest_of_any_size_comes_back_verbatim(int size)
    {
        var small = await BuildImageAsync(_test.Repository, "1");
        // Spaces at the end belong to the bytes and to the digest.
        byte[] payload = [.. small.Payload.Span, .. Enumerable.Repeat((byte)' ', size - small.Payload.Length)];
        var manifest = ManifestTypes.Default.Parse(small.MediaType, payload, DigestAlgorithm.Sha512);
        await _test.Repository.Manifests.PutAsync(manifest, TagsOf("latest"), default);
        foreach (var reference in (Reference[])[By(manifest.Digest), By("latest")])
        {
            Assert.Equal(size, (await _test.Repository.Manifests.FindAsync(reference, default))!.Size);
            var got = await _test.NewInstance().GetRepository(_test.Repository.Name).Manifests.GetAsync(reference, default);
            Assert.Equal(manifest.Digest, got!.Digest);
            Assert.True(got.Payload.Span.SequenceEqual(payload));
        }
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(640 * 1024)]
    [InlineData(4 * 1024 * 1024)]
    public async Task A_manifest_of_any_size_is_handed_on_in_pieces(int size)
    {
        var small = await BuildImageAsync(_test.Repository, "1");
        byte[] payload = [.. small.Payload.Span, .. Enumerable.Repeat((byte)' ', size - small.Payload.Length)];
        await _test.Repository.Manifests.PutAsync(ManifestTypes.Default.Parse(small.MediaType, payload), TagsOf("latest"), default);
        var objects = new InterruptedObjectStore(_test.Objects);
        var found = await new ContainerRegistry(_test.Tables, objects, _test.Options, _test.Time).GetRepository(_test.Repository.Name).Manifests.OpenAsync(By("latest"), default);
        Assert.Equal((small.MediaType, Sha256Of(payload), size), (found!.MediaType, found.Digest, found.Size));
        using var destination = new PieceStream();
        await found.CopyToAsync(destination, default);
        Assert.True(payload.AsSpan().SequenceEqual(destination.ToArray()));
        Assert.InRange(destination.Largest, 1, 64 * 1024);
        Assert.InRange(objects.LargestRead, 0, 128 * 1024);
    }

    [Fact]
    public async Task A_manifest_beyond_the_limit_is_refused()
    {
        var small = await BuildImageAsync(_test.Repository, "1");
        byte[] payload = [.. small.Payload.Span, .. Enumerable.Repeat((byte)' ', (4 * 1024 * 1024) + 1 - small.Payload.Length)];
        var manifest = ManifestTypes.Default.Parse(small.MediaType, payload);
        await AssertRefusedAsync(RegistryError.ManifestTooLarge, () => _test.Repository.Manifests.PutAsync(manifest, [], default));
        Assert.Null(await _test.Repository.Manifests.FindAsync(By(manifest.Digest), default));
    }

    [Fact]
    public async Task Putting_a_manifest_again_changes_nothing()
    {
        var first = await PushImageAsync(_test.Repository, "1", "latest");
        var second = await PushImageAsync(_test.Repository, "1");
        Assert.Equal(first.Digest, second.Digest);
        Assert.Single(await ListAsync(_test.Repository.Manifests.ListAsync(default)));
        Assert.Equal(first.Digest, (await _test.Repository.Tags.FindAsync(Tag.Parse("latest"), default))!.Digest);
    }

    [Fact]
    public async Task Manifests_are_listed_by_digest()
    {
        List<Digest> digests = [];
        for (var i = 0; i < 8; i++) digests.Add((await PushImageAsync(_test.Repository, $"{i}", "latest")).Digest);
        await PushImageAsync(_test.Open("team/app2"), "other");
        var listed = await ListAsync(_test.Repository.Manifests.ListAsync(default));
        Assert.Equal(digests.Select(d => d.ToString()).Order(StringComparer.Ordinal), listed.Select(d => d.Digest.ToString()));
        Assert.All(listed, d => Assert.Equal((MediaTypes.OciManifest, MediaTypes.OciConfig), (d.MediaType, d.ArtifactType)));
    }

    [Fact]
    public async Task Deleting_a_manifest_deletes_its_tags_and_no_others()
    {
        var (one, two) = (await PushImageAsync(_test.Repository, "1", "a", "b"), await PushImageAsync(_test.Repository, "2", "c"));
        Assert.True(await _test.Repository.Manifests.DeleteAsync(one.Digest, default));
        Assert.False(await _test.Repository.Manifests.DeleteAsync(one.Digest, default));
        Assert.Null(await _test.Repository.Manifests.GetAsync(By(one.Digest), default));
        Assert.Null(await _test.Repository.Manifests.GetAsync(By("a"), default));
        Assert.Equal(TagsOf("c"), await ListAsync(_test.Repository.Tags.ListAsync(default)));
        Assert.NotNull(await _test.Repository.Manifests.GetAsync(By(two.Digest), default));
    }

    [Fact]
    public async Task Deleting_a_manifest_with_more_tags_than_a_batch_takes_deletes_them_all()
    {
        var manifest = await PushImageAsync(_test.Repository, "1");
        for (var i = 0; i < 205; i++) await _test.Repository.Tags.PutAsync(Tag.Parse($"t{i}"), manifest.Digest, default);
        Assert.True(await _test.Repository.Manifests.DeleteAsync(manifest.Digest, default));
        Assert.Empty(await ListAsync(_test.Repository.Tags.ListAsync(default)));
        Assert.Empty(await ListAsync(_test.Repository.Manifests.ListAsync(default)));
    }

    [Fact]
    public async Task Too_many_tags_at_once_are_refused()
    {
        var manifest = await BuildImageAsync(_test.Repository, "1");
        var tags = TagsOf([.. Enumerable.Range(0, 11).Select(i => $"t{i}")]);
        await AssertRefusedAsync(RegistryError.ManifestInvalid, () => _test.Repository.Manifests.PutAsync(manifest, tags, default));
        await _test.Repository.Manifests.PutAsync(manifest, [.. tags[..10], .. tags[..10]], default);
        Assert.Equal(10, (await ListAsync(_test.Repository.Tags.ListAsync(default))).Count);
    }

    [Fact]
    public async Task A_registered_type_is_stored_like_any_other()
    {
        const string type = "application/vnd.example.bundle+json";
        var options = new RegistryOptions { ManifestTypes = ManifestTypes.Default.With(type, _ => new ManifestContent()) };
        var test = new TestRegistry(options);
        var manifest = options.ManifestTypes.Parse(type, Encoding.UTF8.GetBytes("""{"schemaVersion":2,"anything":[]}"""));
        await test.Repository.Manifests.PutAsync(manifest, TagsOf("latest"), default);
        Assert.Equal(type, (await test.Repository.Manifests.GetAsync(By("latest"), default))!.MediaType);
    }

    [Theory]
    [InlineData(1, 64 * 1024)]
    [InlineData(20, 1000)]
    [InlineData(20, 64 * 1024)]
    public async Task A_manifest_can_be_given_as_many_tags_as_the_options_allow(int count, int size)
    {
        var test = new TestRegistry(new RegistryOptions { MaxTagsPerManifest = count });
        var small = await BuildImageAsync(test.Repository, "1");
        byte[] payload = [.. small.Payload.Span, .. Enumerable.Repeat((byte)' ', size - small.Payload.Length)];
        var tags = TagsOf([.. Enumerable.Range(0, count).Select(i => $"t{i}")]);
        await test.Repository.Manifests.PutAsync(ManifestTypes.Default.Parse(null, payload), tags, default);
        Assert.Equal(count, (await ListAsync(test.Repository.Tags.ListAsync(default))).Count);
    }

    [Fact]
    public async Task A_long_artifact_type_is_not_cut_inside_a_character()
    {
        var type = new string('a', 1023) + "\ud83d\ude00";
        var manifest = await BuildImageAsync(_test.Repository, "1", b => b.ArtifactType = type);
        await _test.Repository.Manifests.PutAsync(manifest, [], default);
        var cut = (await ListAsync(_test.Repository.Manifests.ListAsync(default)))[0].ArtifactType!;
        Assert.False(char.IsHighSurrogate(cut[^1]));
    }

    [Fact]
    public async Task The_blob_that_holds_a_manifest_is_not_deleted_without_it()
    {
        var small = await BuildImageAsync(_test.Repository, "1");
        byte[] payload = [.. small.Payload.Span, .. Enumerable.Repeat((byte)' ', 700 * 1024)];
        var manifest = ManifestTypes.Default.Parse(null, payload);
        await _test.Repository.Manifests.PutAsync(manifest, [Tag.Parse("large")], default);
        await AssertRefusedAsync(RegistryError.Unsupported, () => _test.Repository.Blobs.DeleteAsync(manifest.Digest, default));
        Assert.Equal(payload.Length, (await _test.Repository.Manifests.GetAsync(By("large"), default))!.Payload.Length);
        Assert.True(await _test.Repository.Manifests.DeleteAsync(manifest.Digest, default));
        Assert.True(await _test.Repository.Blobs.DeleteAsync(manifest.Digest, default));
    }

    private sealed class PieceStream : MemoryStream
    {
        public int Largest { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Largest = Math.Max(Largest, buffer.Length);
            return base.WriteAsync(buffer, cancellationToken);
        }
    }
}
