using Serverless.Registry.Oci;

namespace Serverless.Benchmarks;

/// <summary>A repository in the folder of a CNCF distribution registry (storage driver <c>filesystem</c>).</summary>
internal sealed class DistributionFolder(string root, string repository)
{
    private readonly string _blobs = Path.Combine(root, "docker/registry/v2/blobs");
    private readonly string _repository = Path.Combine(root, "docker/registry/v2/repositories", repository);

    public void AddLayer(Digest digest, ReadOnlySpan<byte> content)
    {
        AddBlob(digest, content);
        Link(Path.Combine("_layers", "sha256", digest.Hex), digest);
    }

    public void AddManifest(Manifest manifest, IEnumerable<Tag> tags)
    {
        AddBlob(manifest.Digest, manifest.Payload.Span);
        Link(Path.Combine("_manifests/revisions", "sha256", manifest.Digest.Hex), manifest.Digest);
        foreach (var tag in tags)
        {
            Link(Path.Combine("_manifests/tags", tag.ToString(), "current"), manifest.Digest);
            Link(Path.Combine("_manifests/tags", tag.ToString(), "index/sha256", manifest.Digest.Hex), manifest.Digest);
        }
    }

    private void AddBlob(Digest digest, ReadOnlySpan<byte> content)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_blobs, "sha256", digest.Hex[..2], digest.Hex));
        File.WriteAllBytes(Path.Combine(folder.FullName, "data"), content);
    }

    private void Link(string place, Digest digest)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_repository, place));
        File.WriteAllText(Path.Combine(folder.FullName, "link"), digest.ToString());
    }
}
