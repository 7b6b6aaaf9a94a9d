using System.Buffers.Binary;
using Serverless.Registry.Oci;

namespace Serverless.Soak;

/// <summary>The blobs and manifests that clients push: few enough that many push the same, many enough that some are not used for a grace.</summary>
internal static class Content
{
    public const int Blobs = 1500;

    /// <summary>The first of them, which half of all images are made of.</summary>
    public const int Popular = 100;

    public static readonly IReadOnlyList<RepositoryName> Repositories = [.. Enumerable.Range(0, 8).Select(i => RepositoryName.Parse($"soak/app{i}"))];

    private static readonly byte[][] s_blobs = [.. Enumerable.Range(0, Blobs).Select(Make)];
    private static readonly Digest[] s_digests = [.. s_blobs.Select(b => Digest.Compute(DigestAlgorithm.Sha256, b))];

    public static byte[] BytesOf(int blob) => s_blobs[blob];

    public static Digest DigestOf(int blob) => s_digests[blob];

    /// <summary>An image of the blobs, unlike any other.</summary>
    public static Manifest Image(IReadOnlyList<int> blobs, string id, Descriptor? subject = null)
    {
        var builder = ManifestBuilder.ForImage(Describe(blobs[0], MediaTypes.OciConfig));
        foreach (var blob in blobs.Skip(1)) builder.Append(Describe(blob, MediaTypes.OciLayerGzip));
        builder.Annotations["id"] = id;
        builder.Subject = subject;
        return builder.Build();
    }

    private static Descriptor Describe(int blob, string mediaType) => new(mediaType, s_digests[blob], s_blobs[blob].Length);

    // Every tenth is of several blocks.
    private static byte[] Make(int blob)
    {
        var bytes = new byte[blob % 10 == 0 ? 150_000 : 500 + blob];
        BinaryPrimitives.WriteInt32BigEndian(bytes, blob);
        return bytes;
    }
}
