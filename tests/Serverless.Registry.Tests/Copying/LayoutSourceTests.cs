using System.Formats.Tar;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Copying;

public sealed class LayoutSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly TestRegistry _here = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Images_are_found_by_their_tags_with_what_refers_to_them()
    {
        var (image, signature) = await WriteAsync();
        var layout = await LayoutSource.OpenAsync(_folder, default);
        Assert.Equal(["v1"], (await ListAsync(layout.ListTagsAsync(default))).Select(t => t.ToString()));
        Assert.Equal(image.Digest, layout.Single);
        await _here.Registry.CopyTo(_here.Repository, layout, new CopyOptions(), new CopyProgress()).CopyAsync(By("v1"), TagsOf("latest"), default);
        Assert.Equal(image.Digest, (await _here.Repository.Tags.FindAsync(Tag.Parse("latest"), default))!.Digest);
        Assert.Equal(signature.Digest, Assert.Single((await _here.Repository.Referrers.ListPageAsync(image.Digest, null, 10, null, default)).Referrers).Digest);
        Assert.Null(await layout.FindManifestAsync(By("v2"), default));
        Assert.Null(await layout.OpenBlobAsync(image.Content.Blobs[0] with { Digest = Sha256Of(Utf8("none")) }, 0, default));
    }

    [Fact]
    public async Task A_file_that_holds_something_else_is_not_copied()
    {
        var (image, _) = await WriteAsync();
        var layout = await LayoutSource.OpenAsync(_folder, default);
        await File.WriteAllTextAsync(PathOf(image.Content.Blobs[1].Digest), "something else");
        await Assert.ThrowsAsync<ImageSourceException>(() => _here.Registry.CopyTo(_here.Repository, layout, new CopyOptions(), new CopyProgress()).CopyAsync(By("v1"), TagsOf("v1"), default));
        await File.WriteAllTextAsync(PathOf(image.Digest), "{}");
        await Assert.ThrowsAsync<ImageSourceException>(() => layout.FindManifestAsync(By("v1"), default));
    }

    [Fact]
    public async Task One_entry_that_makes_no_sense_hides_no_referrer()
    {
        var (image, signature) = await WriteAsync();
        var nonsense = Utf8("nonsense");
        await File.WriteAllBytesAsync(PathOf(Sha256Of(nonsense)), nonsense);
        var index = Path.Combine(_folder, "index.json");
        var entry = $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Sha256Of(nonsense)}}","size":{{nonsense.Length}}},""";
        await File.WriteAllTextAsync(index, (await File.ReadAllTextAsync(index)).Replace("[{", $"[{entry}{{", StringComparison.Ordinal));
        var layout = await LayoutSource.OpenAsync(_folder, default);
        var progress = new CopyProgress();
        await _here.Registry.CopyTo(_here.Repository, layout, new CopyOptions(), progress).CopyAsync(By("v1"), TagsOf("latest"), default);
        Assert.Equal(signature.Digest, Assert.Single((await _here.Repository.Referrers.ListPageAsync(image.Digest, null, 10, null, default)).Referrers).Digest);
        Assert.Contains(Sha256Of(nonsense).ToString(), Assert.Single(progress.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layout_in_an_archive_is_read_where_it_lies()
    {
        var (image, signature) = await WriteAsync();
        var archive = Path.Combine(_folder, "layout.tar");
        await using (var tar = new TarWriter(File.Create(archive)))
        {
            foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories).Where(f => f != archive)) await tar.WriteEntryAsync(file, "./" + Path.GetRelativePath(_folder, file));
        }

        var layout = await LayoutSource.OpenArchiveAsync(archive, default);
        await _here.Registry.CopyTo(_here.Repository, layout, new CopyOptions(), new CopyProgress()).CopyAsync(By("v1"), TagsOf("latest"), default);
        Assert.Equal(image.Digest, (await _here.Repository.Tags.FindAsync(Tag.Parse("latest"), default))!.Digest);
        Assert.Equal(signature.Digest, Assert.Single((await _here.Repository.Referrers.ListPageAsync(image.Digest, null, 10, null, default)).Referrers).Digest);
        await using var rest = await layout.OpenBlobAsync(image.Content.Blobs[1], 6, default);
        Assert.Equal("1", await new StreamReader(rest!).ReadToEndAsync());
    }

    [Theory]
    [InlineData("{\"imageLayoutVersion\":\"2.0.0\"}", "{}")]
    [InlineData("{}", "{}")]
    [InlineData("nothing", "{}")]
    [InlineData("{\"imageLayoutVersion\":\"1.0.0\"}", "[]")]
    public async Task What_is_no_layout_is_refused(string layout, string index)
    {
        await Assert.ThrowsAsync<ImageSourceException>(() => LayoutSource.OpenAsync(_folder, default));
        await File.WriteAllTextAsync(Path.Combine(_folder, "oci-layout"), layout);
        await File.WriteAllTextAsync(Path.Combine(_folder, "index.json"), index);
        await Assert.ThrowsAsync<ImageSourceException>(() => LayoutSource.OpenAsync(_folder, default));
    }

    private string PathOf(Digest digest) => Path.Combine(_folder, "blobs", "sha256", digest.ToString().Split(':')[1]);

    private async Task<(Manifest Image, Manifest Signature)> WriteAsync()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "blobs", "sha256"));
        var there = new TestRegistry();
        var image = await BuildImageAsync(there.Repository, "1");
        var signature = await BuildImageAsync(there.Repository, "s", b => b.Subject = image.Descriptor);
        foreach (var manifest in (Manifest[])[image, signature])
        {
            await File.WriteAllBytesAsync(PathOf(manifest.Digest), manifest.Payload.ToArray());
            foreach (var blob in manifest.Content.Blobs) await File.WriteAllBytesAsync(PathOf(blob.Digest), await ReadAsync(there.Repository, blob.Digest));
        }

        await File.WriteAllTextAsync(Path.Combine(_folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "index.json"),
            $$$"""{"schemaVersion":2,"manifests":[{"mediaType":"{{{image.MediaType}}}","digest":"{{{image.Digest}}}","size":{{{image.Payload.Length}}},"annotations":{"org.opencontainers.image.ref.name":"v1"}},{"mediaType":"{{{signature.MediaType}}}","digest":"{{{signature.Digest}}}","size":{{{signature.Payload.Length}}}}]}""");
        return (image, signature);
    }
}
