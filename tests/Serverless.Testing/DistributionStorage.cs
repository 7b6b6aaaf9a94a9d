using System.Buffers;
using System.Text;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Testing;

/// <summary>Writes what distribution's azure driver writes, under a root directory of an object store.</summary>
/// <param name="objects">Where.</param>
/// <param name="root">What all names begin with, a slash at its end included.</param>
public sealed class DistributionStorage(IObjectStore objects, string root = "")
{
    /// <summary>Begins all names.</summary>
    public string Prefix => root + "docker/registry/v2/";

    /// <summary>Where the bytes of a digest are.</summary>
    public string DataOf(Digest digest) => $"{Prefix}blobs/{Path(digest, folder: true)}/data";

    /// <summary>Stores bytes, for no repository.</summary>
    public async Task<Descriptor> PutBytesAsync(byte[] content, string mediaType = MediaTypes.OciLayerGzip)
    {
        var digest = Digest.Compute(DigestAlgorithm.Sha256, content);
        await PutAsync(DataOf(digest), content);
        return new Descriptor(mediaType, digest, content.Length);
    }

    /// <summary>Pushes a blob.</summary>
    public async Task<Descriptor> PutBlobAsync(string repository, byte[] content, string mediaType = MediaTypes.OciLayerGzip)
    {
        var blob = await PutBytesAsync(content, mediaType);
        await PutAsync(LayerOf(repository, blob.Digest), Encoding.UTF8.GetBytes(blob.Digest.ToString()));
        return blob;
    }

    /// <summary>The link of a repository to a blob.</summary>
    public string LayerOf(string repository, Digest digest) => $"{Prefix}repositories/{repository}/_layers/{Path(digest)}/link";

    /// <summary>Pushes a manifest, whether or not anything that it names is there.</summary>
    public async Task<Digest> PutManifestAsync(string repository, ReadOnlyMemory<byte> payload, params string[] tags)
    {
        var digest = (await PutBytesAsync(payload.ToArray())).Digest;
        await PutAsync($"{Prefix}repositories/{repository}/_manifests/revisions/{Path(digest)}/link", Encoding.UTF8.GetBytes(digest.ToString()));
        foreach (var tag in tags)
        {
            await PutAsync($"{Prefix}repositories/{repository}/_manifests/tags/{tag}/index/{Path(digest)}/link", Encoding.UTF8.GetBytes(digest.ToString()));
            await PutAsync($"{Prefix}repositories/{repository}/_manifests/tags/{tag}/current/link", Encoding.UTF8.GetBytes(digest.ToString()));
        }

        return digest;
    }

    /// <summary>Pushes an image of a config of its own and these layers.</summary>
    public async Task<Manifest> PutImageAsync(string repository, string seed, IEnumerable<byte[]> layers, params string[] tags)
    {
        var builder = ManifestBuilder.ForImage(await PutBlobAsync(repository, Encoding.UTF8.GetBytes($"{{\"seed\":\"{seed}\"}}"), MediaTypes.OciConfig));
        foreach (var layer in layers) builder.Append(await PutBlobAsync(repository, layer));
        var manifest = builder.Build();
        await PutManifestAsync(repository, manifest.Payload, tags);
        return manifest;
    }

    /// <summary>Writes an object, in place of one that may be there.</summary>
    public async Task PutAsync(string name, byte[] content)
    {
        await objects.DeleteAsync(name, null, default);
        await objects.PutAsync(name, new ReadOnlySequence<byte>(content), default);
    }

    private static string Path(Digest digest, bool folder = false)
    {
        var algorithm = digest.Algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512";
        return folder ? $"{algorithm}/{digest.Hex[..2]}/{digest.Hex}" : $"{algorithm}/{digest.Hex}";
    }
}
