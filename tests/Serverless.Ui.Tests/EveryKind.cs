using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Registry.Oci;

namespace Serverless.Ui.Tests;

/// <summary>Something of each kind that clients push, under a tag of its own, and what the page must say of it.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Kind">The word for it.</param>
/// <param name="Tool">The client whose command pulls it.</param>
/// <param name="Says">What else its view says.</param>
/// <param name="PushAsync">Pushes it into a repository.</param>
internal sealed record EveryKind(string Tag, string Kind, string Tool, string[] Says, Func<PushedContent, string, Task> PushAsync)
{
    private const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    private const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    private const string ForeignLayer = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";
    private const string EmptyConfig = "application/vnd.oci.empty.v1+json";

    public static IReadOnlyList<EveryKind> All { get; } =
    [
        new("docker", "image", "docker", [MediaTypes.DockerManifest, "linux/amd64", "/app --listen"], (c, n) => PutDockerAsync(c, n, "docker")),
        new("docker-list", "index", "docker", [MediaTypes.DockerManifestList, "linux/amd64"], PutDockerListAsync),
        new("oci", "image", "docker", [MediaTypes.OciManifest, "/app --listen"], (c, n) => c.ImageAsync(n, "oci")),
        new("platforms", "index", "docker", ["linux/amd64, linux/arm64, linux/arm/v7", "attestation"], PutPlatformsAsync),
        new("signed", "image", "docker", ["signature", "SBOM", "attestation", "scan report"], PutSignedAsync),
        new("chart-1.2.3", "Helm chart", "helm", [PushedContent.HelmConfig], (c, n) => c.ChartAsync(n, "chart-1.2.3")),
        new("file", "artifact", "oras", ["application/vnd.example.file", "notes.txt"], PutFileAsync),
        new("wasm", "WebAssembly module", "oras", ["application/wasm"], (c, n) => PutAsync(c, n, "wasm", "application/vnd.wasm.config.v0+json", "{}"u8.ToArray(), "application/wasm")),
        new("cache", "build cache", "oras", ["application/vnd.buildkit.cacheconfig.v0"], (c, n) => PutAsync(c, n, "cache", "application/vnd.buildkit.cacheconfig.v0", "{}"u8.ToArray(), MediaTypes.OciLayerGzip)),
        new("zstd", "image", "docker", ["application/vnd.oci.image.layer.v1.tar+zstd"], (c, n) => PutAsync(c, n, "zstd", MediaTypes.OciConfig, JsonSerializer.SerializeToUtf8Bytes(PushedContent.Config()), "application/vnd.oci.image.layer.v1.tar+zstd")),
        new("no-config", "image", "docker", ["Layers"], (c, n) => PutAsync(c, n, "no-config", MediaTypes.OciConfig, "no config"u8.ToArray(), MediaTypes.OciLayerGzip)),
        new("foreign", "image", "docker", ["windows/amd64", ForeignLayer], PutForeignAsync),
        new("sha512", "image", "docker", ["sha512:"], PutSha512Async),
        new("empty-index", "index", "docker", [MediaTypes.OciIndex], (c, n) => c.PutJsonAsync(n, "empty-index", MediaTypes.OciIndex, new { schemaVersion = 2, mediaType = MediaTypes.OciIndex, manifests = Array.Empty<object>() })),
    ];

    private static async Task<Manifest> PutDockerAsync(PushedContent content, string name, string? tag)
    {
        var config = await content.BlobAsync(name, JsonSerializer.SerializeToUtf8Bytes(PushedContent.Config()), DockerConfig);
        var layer = await content.BlobAsync(name, RandomNumberGenerator.GetBytes(2000), DockerLayer);
        return await content.PutJsonAsync(name, tag, MediaTypes.DockerManifest, new { schemaVersion = 2, mediaType = MediaTypes.DockerManifest, config = Json(config), layers = (object[])[Json(layer)] });
    }

    private static async Task PutDockerListAsync(PushedContent content, string name)
    {
        var image = await PutDockerAsync(content, name, null);
        var child = new { mediaType = image.MediaType, digest = image.Digest.ToString(), size = image.Payload.Length, platform = new { os = "linux", architecture = "amd64" } };
        await content.PutJsonAsync(name, "docker-list", MediaTypes.DockerManifestList, new { schemaVersion = 2, mediaType = MediaTypes.DockerManifestList, manifests = (object[])[child] });
    }

    // As BuildKit pushes them: each image's attestations are a child of no platform.
    private static async Task PutPlatformsAsync(PushedContent content, string name)
    {
        List<object> children = [];
        foreach (var (architecture, variant) in ((string, string?)[])[("amd64", null), ("arm64", null), ("arm", "v7")])
        {
            var image = await content.ImageAsync(name, null, PushedContent.Config(architecture));
            object platform = variant is null ? new { os = "linux", architecture } : new { os = "linux", architecture, variant };
            children.Add(new { mediaType = image.MediaType, digest = image.Digest.ToString(), size = image.Payload.Length, platform });
            var proof = await content.ArtifactAsync(name, null, "application/vnd.in-toto+json", null);
            var annotations = new Dictionary<string, string> { ["vnd.docker.reference.type"] = "attestation-manifest", ["vnd.docker.reference.digest"] = image.Digest.ToString() };
            children.Add(new { mediaType = proof.MediaType, digest = proof.Digest.ToString(), size = proof.Payload.Length, platform = new { os = "unknown", architecture = "unknown" }, annotations });
        }

        await content.PutJsonAsync(name, "platforms", MediaTypes.OciIndex, new { schemaVersion = 2, mediaType = MediaTypes.OciIndex, manifests = children });
    }

    private static async Task PutSignedAsync(PushedContent content, string name)
    {
        var image = await content.ImageAsync(name, "signed");
        var sbom = await content.ArtifactAsync(name, null, PushedContent.Sbom, image);
        await content.ArtifactAsync(name, null, PushedContent.Signature, sbom);
        await content.ArtifactAsync(name, null, "application/vnd.cncf.notary.signature", image);
        await content.ArtifactAsync(name, null, "application/vnd.dev.sigstore.bundle.v0.3+json", image);
        await content.ArtifactAsync(name, null, "application/sarif+json", image);
    }

    private static async Task PutFileAsync(PushedContent content, string name)
    {
        var builder = ManifestBuilder.ForImage(await content.BlobAsync(name, "{}"u8.ToArray(), EmptyConfig));
        builder.ArtifactType = "application/vnd.example.file";
        builder.Append(await content.BlobAsync(name, "notes"u8.ToArray(), "text/plain") with { Annotations = new Dictionary<string, string> { ["org.opencontainers.image.title"] = "notes.txt" } });
        await content.PutAsync(name, "file", builder.Build());
    }

    private static async Task PutAsync(PushedContent content, string name, string tag, string configType, byte[] config, string layerType)
    {
        var builder = ManifestBuilder.ForImage(await content.BlobAsync(name, config, configType));
        builder.Append(await content.BlobAsync(name, RandomNumberGenerator.GetBytes(500), layerType));
        await content.PutAsync(name, tag, builder.Build());
    }

    // The layer of an operating system that stays where its maker has it.
    private static async Task PutForeignAsync(PushedContent content, string name)
    {
        var config = await content.BlobAsync(name, JsonSerializer.SerializeToUtf8Bytes(new { os = "windows", architecture = "amd64", config = new { } }), DockerConfig);
        var foreign = new { mediaType = ForeignLayer, digest = Digest.Compute(DigestAlgorithm.Sha256, "elsewhere"u8).ToString(), size = 1_700_000_000L, urls = (string[])["https://layers.example/base"] };
        await content.PutJsonAsync(name, "foreign", MediaTypes.DockerManifest, new { schemaVersion = 2, mediaType = MediaTypes.DockerManifest, config = Json(config), layers = (object[])[foreign] });
    }

    private static async Task PutSha512Async(PushedContent content, string name)
    {
        var builder = ManifestBuilder.ForImage(await content.BlobAsync(name, JsonSerializer.SerializeToUtf8Bytes(PushedContent.Config()), MediaTypes.OciConfig));
        await content.PutAsync(name, "sha512", ManifestTypes.Default.Parse(MediaTypes.OciManifest, builder.Build().Payload, DigestAlgorithm.Sha512));
    }

    private static object Json(Descriptor descriptor) => new { mediaType = descriptor.MediaType, digest = descriptor.Digest.ToString(), size = descriptor.Size };
}
