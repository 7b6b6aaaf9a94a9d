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
    [InlineData(2, "SOURCE is written", "copy", "alpine", "team/app:v1")]
    [InlineData(2, "The target is written", "copy", "oci:FOLDER:v1", "team/App")]
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
