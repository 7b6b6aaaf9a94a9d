using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Copying;

/// <summary>What <c>docker save</c> and its like write.</summary>
public sealed class DockerArchiveSourceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly TestRegistry _here = new();
    private readonly byte[] _first = [.. Enumerable.Repeat((byte)'a', 5000)];
    private readonly byte[] _second = [.. Enumerable.Repeat((byte)'b', 300)];

    private string Archive => Path.Combine(_folder, "image.tar");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // As docker wrote before version 25: each layer in a folder of its own, a layer that is there twice as a link.
    [Theory]
    [InlineData(TarEntryType.SymbolicLink, "../one/layer.tar")]
    [InlineData(TarEntryType.HardLink, "one/layer.tar")]
    public async Task An_image_comes_with_its_config_and_its_layers_as_they_are(TarEntryType type, string link)
    {
        var config = Config(_first, _second, _first);
        await WriteAsync(
            File("config.json", config),
            File("one/layer.tar", _first),
            File("two/layer.tar", _second),
            new PaxTarEntry(type, "three/layer.tar") { LinkName = link },
            File("manifest.json", """[{"Config":"config.json","RepoTags":["example/app:v1","app:latest"],"Layers":["one/layer.tar","two/layer.tar","three/layer.tar"]}]"""));
        var source = await DockerArchiveSource.OpenAsync(Archive, null, default);
        Assert.Equal(["v1", "latest"], (await ListAsync(source.ListTagsAsync(default))).Select(t => t.ToString()));
        var copied = await CopyAsync(source, By("v1"));
        var manifest = (await _here.Repository.Manifests.GetAsync(By("v1"), default))!.Parse(ManifestTypes.Default);
        Assert.Equal(copied.Digest, source.Single);
        Assert.Equal([MediaTypes.OciConfig, Layer, Layer, Layer], manifest.Content.Blobs.Select(b => b.MediaType));
        Assert.Equal([Sha256Of(config), Sha256Of(_first), Sha256Of(_second), Sha256Of(_first)], manifest.Content.Blobs.Select(b => b.Digest));
        Assert.Equal([config.Length, 5000, 300, 5000], manifest.Content.Blobs.Select(b => b.Size));
        Assert.Equal(_second, await ReadAsync(_here.Repository, Sha256Of(_second)));
        // The same archive is the same image.
        Assert.Equal(copied.Digest, (await DockerArchiveSource.OpenAsync(Archive, "app:latest", default)).Single);
    }

    [Fact]
    public async Task Layers_may_be_compressed()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true)) await gzip.WriteAsync(_first);
        await WriteAsync(File("c", Config(_first)), File("l", packed.ToArray()), File("manifest.json", """[{"Config":"c","RepoTags":null,"Layers":["l"]}]"""));
        var source = await DockerArchiveSource.OpenAsync(Archive, null, default);
        await CopyAsync(source, By(source.Single!.Value));
        var manifest = (await _here.Repository.Manifests.GetAsync(By(source.Single!.Value), default))!.Parse(ManifestTypes.Default);
        Assert.Equal((Layer + "+gzip", Sha256Of(packed.ToArray())), (manifest.Content.Blobs[1].MediaType, manifest.Content.Blobs[1].Digest));
    }

    [Fact]
    public async Task One_image_of_several_is_named_as_the_archive_does()
    {
        await WriteAsync(
            File("c1", Config(_first)),
            File("c2", Config(_second)),
            File("l1", _first),
            File("l2", _second),
            File("manifest.json", """[{"Config":"c1","RepoTags":["a:v1"],"Layers":["l1"]},{"Config":"c2","RepoTags":["b:v1"],"Layers":["l2"]}]"""));
        var all = await DockerArchiveSource.OpenAsync(Archive, null, default);
        Assert.Null(all.Single);
        Assert.Contains("a:v1, b:v1", (await Assert.ThrowsAsync<ImageSourceException>(() => all.FindManifestAsync(By("v1"), default))).Message, StringComparison.Ordinal);
        await CopyAsync(await DockerArchiveSource.OpenAsync(Archive, "b:v1", default), By("v1"));
        Assert.Equal(_second, await ReadAsync(_here.Repository, Sha256Of(_second)));
        Assert.Contains("there are a:v1, b:v1", (await Assert.ThrowsAsync<ImageSourceException>(() => DockerArchiveSource.OpenAsync(Archive, "c:v1", default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_layer_that_is_not_what_the_config_says_is_not_stored()
    {
        await WriteAsync(File("c", Config(_first)), File("l", _second), File("manifest.json", """[{"Config":"c","RepoTags":["a:v1"],"Layers":["l"]}]"""));
        var source = await DockerArchiveSource.OpenAsync(Archive, null, default);
        Assert.Contains("other bytes", (await Assert.ThrowsAsync<ImageSourceException>(() => CopyAsync(source, By("v1")))).Message, StringComparison.Ordinal);
        Assert.Null(await _here.Repository.Manifests.FindAsync(By("v1"), default));
    }

    [Theory]
    [InlineData("has no manifest.json", null)]
    [InlineData("no archive of docker that can be read", "{")]
    [InlineData("no archive of docker that can be read", "[{}]")]
    [InlineData("no archive of docker that can be read", """[{"Config":null}]""")]
    [InlineData("no archive of docker that can be read", """[{"Config":"c","Layers":[null]}]""")]
    [InlineData("has no gone", """[{"Config":"gone","Layers":[]}]""")]
    [InlineData("has no out", """[{"Config":"out","Layers":[]}]""")]
    [InlineData("has no round", """[{"Config":"round","Layers":[]}]""")]
    [InlineData("lists 0 layers", """[{"Config":"c","Layers":[]}]""")]
    [InlineData("has no l", """[{"Config":"c","Layers":["l"]}]""")]
    public async Task What_makes_no_sense_is_told_of(string said, string? listing)
    {
        List<TarEntry> entries =
        [
            File("c", Config(_first)),
            new PaxTarEntry(TarEntryType.SymbolicLink, "out") { LinkName = "../../../etc/passwd" },
            new PaxTarEntry(TarEntryType.SymbolicLink, "round") { LinkName = "round" },
        ];
        if (listing is not null) entries.Add(File("manifest.json", listing));
        await WriteAsync([.. entries]);
        Assert.Contains(said, (await Assert.ThrowsAsync<ImageSourceException>(() => DockerArchiveSource.OpenAsync(Archive, null, default))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_tar_is_told_of()
    {
        await Assert.ThrowsAsync<ImageSourceException>(() => DockerArchiveSource.OpenAsync(Archive, null, default));
        await System.IO.File.WriteAllBytesAsync(Archive, [0x1f, 0x8b, 8, 0]);
        Assert.Contains("compressed by gzip", (await Assert.ThrowsAsync<ImageSourceException>(() => DockerArchiveSource.OpenAsync(Archive, null, default))).Message, StringComparison.Ordinal);
        await System.IO.File.WriteAllBytesAsync(Archive, [.. Enumerable.Repeat((byte)'x', 2000)]);
        Assert.Contains("no tar archive", (await Assert.ThrowsAsync<ImageSourceException>(() => DockerArchiveSource.OpenAsync(Archive, null, default))).Message, StringComparison.Ordinal);
        // It breaks off in the middle of a layer.
        await WriteAsync(File("c", Config(_first)), File("manifest.json", """[{"Config":"c","RepoTags":["a:v1"],"Layers":["l"]}]"""), File("l", _first));
        await using (var file = System.IO.File.OpenWrite(Archive)) file.SetLength(file.Length - 4096);
        await Assert.ThrowsAsync<ImageSourceException>(async () => await CopyAsync(await DockerArchiveSource.OpenAsync(Archive, null, default), By("v1")));
    }

    private const string Layer = "application/vnd.oci.image.layer.v1.tar";

    private Task<Descriptor> CopyAsync(DockerArchiveSource source, Reference reference) =>
        _here.Registry.CopyTo(_here.Repository, source, new CopyOptions { Patience = CopyPatience.None }, new CopyProgress()).CopyAsync(reference, reference.Tag is { } tag ? [tag] : [], default);

    private static byte[] Config(params byte[][] layers) => Utf8($$$"""{"rootfs":{"type":"layers","diff_ids":[{{{string.Join(',', layers.Select(l => $"\"{Sha256Of(l)}\""))}}}]}}""");

    private static PaxTarEntry File(string name, string text) => File(name, Encoding.UTF8.GetBytes(text));

    private static PaxTarEntry File(string name, byte[] content) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) };

    private async Task WriteAsync(params TarEntry[] entries)
    {
        await using var tar = new TarWriter(System.IO.File.Create(Archive));
        foreach (var entry in entries) await tar.WriteEntryAsync(entry);
    }
}
