using System.Security.Cryptography;
using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;

namespace Serverless.Ui.Tests;

/// <summary>Pushes something of every kind, by the service: what the page shows does not depend on how it came.</summary>
internal sealed class PushedContent(ContainerRegistry registry)
{
    public const string HelmConfig = "application/vnd.cncf.helm.config.v1+json";
    public const string Signature = "application/vnd.dev.cosign.artifact.sig.v1+json";
    public const string Sbom = "application/spdx+json";

    public Repository Repository(string name) => registry.GetRepository(RepositoryName.Parse(name), ChangeOrigin.Of("zoe"));

    /// <summary>An image with layers of the sizes given.</summary>
    public async Task<Manifest> ImageAsync(string name, string? tag, object? config = null, int[]? layers = null, Action<ManifestBuilder>? change = null)
    {
        var builder = ManifestBuilder.ForImage(await BlobAsync(name, JsonSerializer.SerializeToUtf8Bytes(config ?? Config()), MediaTypes.OciConfig));
        foreach (var size in layers ?? [1000, 300_000, 20_000]) builder.Append(await BlobAsync(name, RandomNumberGenerator.GetBytes(size), MediaTypes.OciLayerGzip));
        change?.Invoke(builder);
        return await PutAsync(name, tag, builder.Build());
    }

    /// <summary>An index of images for two platforms.</summary>
    public async Task<Manifest> IndexAsync(string name, string tag)
    {
        string[] architectures = ["amd64", "arm64"];
        List<object> images = [];
        foreach (var architecture in architectures)
        {
            var image = await ImageAsync(name, null, Config(architecture));
            images.Add(new { mediaType = image.MediaType, digest = image.Digest.ToString(), size = image.Payload.Length, platform = new { os = "linux", architecture } });
        }

        return await PutJsonAsync(name, tag, MediaTypes.OciIndex, new { schemaVersion = 2, mediaType = MediaTypes.OciIndex, manifests = images });
    }

    /// <summary>A Helm chart.</summary>
    public async Task<Manifest> ChartAsync(string name, string tag)
    {
        var builder = ManifestBuilder.ForImage(await BlobAsync(name, "{\"name\":\"chart\"}"u8.ToArray(), HelmConfig));
        builder.Append(await BlobAsync(name, RandomNumberGenerator.GetBytes(500), "application/vnd.cncf.helm.chart.content.v1.tar+gzip"));
        return await PutAsync(name, tag, builder.Build());
    }

    /// <summary>Something that refers to a manifest, or to nothing.</summary>
    public async Task<Manifest> ArtifactAsync(string name, string? tag, string type, Manifest? subject, Action<ManifestBuilder>? change = null)
    {
        var builder = ManifestBuilder.ForImage(await BlobAsync(name, "{}"u8.ToArray(), "application/vnd.oci.empty.v1+json"));
        builder.Append(await BlobAsync(name, RandomNumberGenerator.GetBytes(64), type));
        (builder.ArtifactType, builder.Subject) = (type, subject?.Descriptor);
        change?.Invoke(builder);
        return await PutAsync(name, tag, builder.Build());
    }

    /// <summary>What an image's config says.</summary>
    public static object Config(string architecture = "amd64", string version = "1.0", object? labels = null) => new
    {
        os = "linux",
        architecture,
        created = "2026-01-02T03:04:05Z",
        author = "ann@example.com",
        // No two are the same image.
        build = Guid.NewGuid().ToString(),
        config = new
        {
            User = "1654",
            WorkingDir = "/srv",
            Entrypoint = (string[])["/app", "--listen"],
            Cmd = (string[])["0.0.0.0:8080"],
            Env = (string[])["PATH=/usr/bin", $"VERSION={version}"],
            ExposedPorts = new Dictionary<string, object> { ["8080/tcp"] = new { } },
            Labels = labels ?? new Dictionary<string, string> { ["org.opencontainers.image.version"] = version },
        },
        history = (object[])[new { created = "2026-01-02T03:04:05Z", created_by = "COPY app /app" }, new { created_by = "ENV VERSION", empty_layer = true }],
    };

    public async Task<Descriptor> BlobAsync(string name, byte[] bytes, string mediaType) => await Repository(name).Blobs.PutAsync(bytes, default) with { MediaType = mediaType };

    /// <summary>A manifest of these members.</summary>
    public Task<Manifest> PutJsonAsync(string name, string? tag, string mediaType, object manifest) =>
        PutAsync(name, tag, ManifestTypes.Default.Parse(mediaType, JsonSerializer.SerializeToUtf8Bytes(manifest)));

    public async Task<Manifest> PutAsync(string name, string? tag, Manifest manifest)
    {
        await Repository(name).Manifests.PutAsync(manifest, tag is null ? [] : [Tag.Parse(tag)], default);
        return manifest;
    }
}
