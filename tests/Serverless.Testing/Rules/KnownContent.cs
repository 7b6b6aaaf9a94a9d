using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Testing.Rules;

/// <summary>What the repositories of the rules hold: always the same bytes, so that rules can name their digests.</summary>
/// <remarks>
/// <code>
/// config, layer, spare, empty   blobs
/// image     v1, v2              an image manifest of config and layer
/// index     multi               an index of the image
/// docker    docker              a Docker manifest of config and layer
/// sbom                          an artifact whose subject is the image, with an annotation
/// signature                     another, whose type is that of its config
/// </code>
/// </remarks>
public static class KnownContent
{
    public static IReadOnlyDictionary<string, string> Blobs { get; } = new Dictionary<string, string>
    {
        ["config"] = """{"architecture":"amd64","os":"linux"}""",
        ["layer"] = "the bytes of a layer",
        ["spare"] = "a blob that no manifest names",
        ["empty"] = "",
    };

    public static Manifest Image { get; } = ManifestBuilder.ForImage(Describe("config", MediaTypes.OciConfig)).Append(Describe("layer", MediaTypes.OciLayerGzip)).Build();

    public static Manifest Index { get; } = ManifestBuilder.ForIndex().Append(Image.Descriptor).Build();

    public static Manifest Docker { get; } = ManifestTypes.Default.Parse(MediaTypes.DockerManifest, Bytes(
        $$"""
        {
           "schemaVersion": 2,
           "mediaType": "{{MediaTypes.DockerManifest}}",
           "config": {"mediaType":"application/vnd.docker.container.image.v1+json","digest":"{{DigestOf("config")}}","size":{{Blobs["config"].Length}}},
           "layers": [{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","digest":"{{DigestOf("layer")}}","size":{{Blobs["layer"].Length}}}]
        }
        """));

    public static Manifest Sbom { get; } = Referrer(MediaTypes.OciConfig, "application/sbom");

    public static Manifest Signature { get; } = Referrer("application/signature", null);

    public static IReadOnlyDictionary<string, Manifest> Manifests { get; } =
        new Dictionary<string, Manifest> { ["image"] = Image, ["index"] = Index, ["docker"] = Docker, ["sbom"] = Sbom, ["signature"] = Signature };

    public static Digest DigestOf(string blob) => RegistryClient.DigestOf(Bytes(Blobs[blob]));

    /// <summary>Fills a repository with all of it.</summary>
    public static async Task PushAsync(RegistryClient registry, string repository)
    {
        foreach (var content in Blobs.Values) await registry.PushBlobAsync(repository, Bytes(content));
        (string Reference, Manifest Manifest)[] pushes =
            [("v1", Image), ("v2", Image), ("multi", Index), ("docker", Docker), (Sbom.Digest.ToString(), Sbom), (Signature.Digest.ToString(), Signature)];
        foreach (var (reference, manifest) in pushes)
        {
            using var put = await registry.PutManifestAsync(repository, reference, manifest);
            put.EnsureSuccessStatusCode();
        }
    }

    private static Manifest Referrer(string configType, string? artifactType)
    {
        var builder = ManifestBuilder.ForImage(Describe("config", configType));
        (builder.Subject, builder.ArtifactType) = (Image.Descriptor, artifactType);
        builder.Annotations["org.example.note"] = "kept";
        return builder.Build();
    }

    private static Descriptor Describe(string blob, string mediaType) => new(mediaType, DigestOf(blob), Blobs[blob].Length);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
