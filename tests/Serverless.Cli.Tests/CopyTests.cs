using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary><c>registry copy</c>, from folders; other registries are asked by a client that has tests of its own, and by the end-to-end script.</summary>
public sealed class CopyTests : CliTest, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory().FullName;
    private readonly ContainerRegistry _registry;

    public CopyTests() => _registry = new ContainerRegistry(Stores.Tables, Stores.Objects, new RegistryOptions(), Time);

    private Repository App => _registry.GetRepository(RepositoryName.Parse("team/app"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task An_image_of_a_layout_gets_the_tag_of_the_target()
    {
        var image = await WriteAsync("v1");
        var run = await RunAsync("copy", $"oci:{_folder}", "team/app:latest");
        Assert.Equal(0, run.Code);
        Assert.Equal($"team/app\tlatest\t{image.Digest}\n", run.Out);
        Assert.Contains("1 manifests, 1 tags and 2 blobs copied", run.Error, StringComparison.Ordinal);
        Assert.Equal(image.Digest, (await App.Tags.FindAsync(Tag.Parse("latest"), default))!.Digest);
        Assert.Equal("copy", (await App.Tags.ListHistoryAsync(Tag.Parse("latest"), default).SingleAsync()).Actor);
        (await StoreAudit.ReadAsync(Stores)).AssertSound();
    }

    [Fact]
    public async Task Its_tags_are_kept_and_chosen()
    {
        await WriteAsync("v1", "x1", "v2");
        Assert.Equal(0, (await RunAsync("copy", $"oci:{_folder}", "team/app", "--tags", "v*", "--quiet")).Code);
        Assert.Equal(["v1", "v2"], await App.Tags.ListAsync(default).Select(t => t.ToString()).ToListAsync());
        var none = await RunAsync("copy", $"oci:{_folder}", "team/app", "--tags", "y*");
        Assert.Equal((1, "There is no such tag in the source.\n"), (none.Code, none.Error));
    }

    [Fact]
    public async Task A_dry_run_says_what_it_would_be()
    {
        await WriteAsync("v1");
        var run = await RunAsync("copy", $"oci:{_folder}:v1", "team/app", "--dry-run");
        Assert.Equal(0, run.Code);
        Assert.StartsWith("It would be: 1 manifests, 1 tags and 0 blobs copied", run.Error, StringComparison.Ordinal);
        Assert.Empty((await StoreAudit.ReadAsync(Stores)).Rows);
    }

    [Theory]
    [InlineData(2, "SOURCE is written", "copy", "Alpine", "team/app:v1")]
    [InlineData(2, "TARGET is written", "copy", "oci:FOLDER:v1", "team/App")]
    [InlineData(2, "Both are repositories of this registry", "copy", "alpine", "team/app:v1")]
    [InlineData(2, "One of SOURCE and TARGET must be", "copy", "oci:FOLDER:v1", "ghcr.io/team/app:v1")]
    [InlineData(2, "An archive is only read", "copy", "team/app:v1", "docker-archive:FOLDER/image.tar")]
    [InlineData(2, "A target has a tag, and no digest", "copy", "oci:FOLDER:v1", "team/app@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData(2, "--parallel takes a number", "copy", "oci:FOLDER:v1", "team/app:v1", "--parallel", "0")]
    [InlineData(2, "is not written NAME:TAG", "push", "FOLDER", "team/app")]
    [InlineData(2, "--user needs the password in REGISTRY_TARGET_PASSWORD", "copy", "team/app:v1", "registry.example/app:v1", "--user", "ann")]
    [InlineData(1, "is not empty and no OCI image layout", "copy", "team/app:v1", "oci:FOLDER/blobs")]
    [InlineData(2, "leave out the tag of SOURCE", "copy", "oci:FOLDER:v1", "team/app", "--tags", "v*")]
    [InlineData(1, "is no OCI image layout", "copy", "oci:FOLDER/none", "team/app:v1")]
    [InlineData(1, "The source has no v9", "copy", "oci:FOLDER:v9", "team/app:v1")]
    [InlineData(2, "--user needs the password in REGISTRY_SOURCE_PASSWORD", "copy", "registry.example/app:v1", "team/app:v1", "--user", "ann")]
    [InlineData(1, "Outbound:Allow", "copy", "http://127.0.0.1:1/app:v1", "team/app:v1")]
    public async Task What_cannot_be_done_is_said(int code, string said, params string[] args)
    {
        await WriteAsync("v1");
        var run = await RunAsync([.. args.Select(a => a.Replace("FOLDER", _folder, StringComparison.Ordinal))]);
        Assert.Equal(code, run.Code);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
        Assert.Empty((await StoreAudit.ReadAsync(Stores)).Rows);
    }

    [Fact]
    public async Task It_goes_out_into_a_layout_and_comes_back_by_push()
    {
        var image = await WriteAsync("v1");
        Assert.Equal(0, (await RunAsync("copy", $"oci:{_folder}:v1", "team/app:v1")).Code);
        var folder = Path.Combine(_folder, "out");
        var run = await RunAsync("copy", "team/app:v1", $"oci:{folder}:v2");
        Assert.Equal((0, $"{folder}\tv2\t{image.Digest}\n"), (run.Code, run.Out));
        Assert.Equal(0, (await RunAsync("push", folder, "other/app:v3")).Code);
        var archive = Path.Combine(_folder, "layout.tar");
        await System.Formats.Tar.TarFile.CreateFromDirectoryAsync(folder, archive, includeBaseDirectory: false);
        Assert.Equal(0, (await RunAsync("push", archive, "other/app:v4")).Code);
        var other = _registry.GetRepository(RepositoryName.Parse("other/app"));
        foreach (var tag in (string[])["v3", "v4"]) Assert.Equal(image.Digest, (await other.Tags.FindAsync(Tag.Parse(tag), default))!.Digest);
        (await StoreAudit.ReadAsync(Stores)).AssertSound();
    }

    [Fact]
    public async Task An_archive_of_docker_is_pushed()
    {
        var archive = Path.Combine(_folder, "image.tar");
        var layer = "layer"u8.ToArray();
        var files = new Dictionary<string, string>
        {
            ["c"] = $$$"""{"rootfs":{"type":"layers","diff_ids":["{{{Digest.Compute(DigestAlgorithm.Sha256, layer)}}}"]}}""",
            ["l"] = "layer",
            ["manifest.json"] = """[{"Config":"c","RepoTags":["app:v1"],"Layers":["l"]}]""",
        };
        await using (var tar = new System.Formats.Tar.TarWriter(File.Create(archive)))
        {
            foreach (var (name, text) in files)
            {
                await tar.WriteEntryAsync(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, name) { DataStream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)) });
            }
        }

        Assert.Equal(0, (await RunAsync("push", archive, "team/app:latest")).Code);
        Assert.Equal(0, (await RunAsync("copy", $"docker-archive:{archive}:app:v1", "team/app")).Code);
        Assert.Equal(["latest", "v1"], await App.Tags.ListAsync(default).Select(t => t.ToString()).ToListAsync());
        Assert.Equal(layer, await (await App.Blobs.FindAsync(Digest.Compute(DigestAlgorithm.Sha256, layer), default))!.GetBytesAsync(default));
    }

    [Fact]
    public async Task What_was_copied_is_printed_as_json()
    {
        var image = await WriteAsync("v1", "v2");
        var run = await RunAsync("copy", $"oci:{_folder}", "team/app", "--json");
        using var json = System.Text.Json.JsonDocument.Parse(run.Out);
        Assert.Equal(
            [("team/app", "v1", image.Digest.ToString(), null), ("team/app", "v2", image.Digest.ToString(), null)],
            json.RootElement.EnumerateArray().Select(e => (e.GetProperty("repository").GetString(), e.GetProperty("tag").GetString(), e.GetProperty("digest").GetString(), e.GetProperty("problem").GetString())));
    }

    // Where nobody reads it there are no bars, and a quiet command has none anywhere.
    [Fact]
    public async Task Who_reads_along_sees_bars()
    {
        await WriteAsync("v1");
        var watched = await RunWatchedAsync("copy", $"oci:{_folder}", "team/app:v1");
        Assert.Contains('\e', watched.Error);
        Assert.Contains("1 manifests, 1 tags and 2 blobs copied", watched.Error, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', watched.Out);
        Assert.DoesNotContain('\e', (await RunWatchedAsync("copy", $"oci:{_folder}", "team/app:v2", "--quiet")).Error);
        Assert.DoesNotContain('\e', (await RunAsync("copy", $"oci:{_folder}", "team/app:v3")).Error);
    }

    // One image under some tags.
    private async Task<Manifest> WriteAsync(params string[] tags)
    {
        var blobs = Path.Combine(_folder, "blobs", "sha256");
        Directory.CreateDirectory(blobs);
        var (config, layer) = (await WriteAsync(blobs, "{}"u8.ToArray()), await WriteAsync(blobs, "layer"u8.ToArray()));
        var image = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Append(layer with { MediaType = MediaTypes.OciLayerGzip }).Build();
        await WriteAsync(blobs, image.Payload.ToArray());
        var entries = tags.Select(t => $$$"""{"mediaType":"{{{image.MediaType}}}","digest":"{{{image.Digest}}}","size":{{{image.Payload.Length}}},"annotations":{"org.opencontainers.image.ref.name":"{{{t}}}"}}""");
        await File.WriteAllTextAsync(Path.Combine(_folder, "index.json"), $$"""{"schemaVersion":2,"manifests":[{{string.Join(',', entries)}}]}""");
        await File.WriteAllTextAsync(Path.Combine(_folder, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        return image;
    }

    private static async Task<Descriptor> WriteAsync(string folder, byte[] content)
    {
        var digest = Digest.Compute(DigestAlgorithm.Sha256, content);
        await File.WriteAllBytesAsync(Path.Combine(folder, digest.ToString().Split(':')[1]), content);
        return new Descriptor(MediaTypes.OctetStream, digest, content.Length);
    }
}
