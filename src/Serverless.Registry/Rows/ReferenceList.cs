using Serverless.Registry.Oci;

namespace Serverless.Registry.Rows;

/// <summary>Digests in binary: one byte of the algorithm, then the hash.</summary>
internal static class ReferenceList
{
    public static byte[] Encode(IEnumerable<Digest> digests)
    {
        using var bytes = new MemoryStream();
        foreach (var digest in digests.Distinct())
        {
            bytes.WriteByte((byte)digest.Algorithm);
            bytes.Write(Convert.FromHexString(digest.Hex));
        }

        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">The list is cut off, or of an algorithm that nobody knows.</exception>
    public static IReadOnlyList<Digest> Decode(ReadOnlySpan<byte> bytes)
    {
        List<Digest> digests = [];
        while (!bytes.IsEmpty)
        {
            var algorithm = (DigestAlgorithm)bytes[0];
            if (!Enum.IsDefined(algorithm) || bytes.Length <= Digest.HashLength(algorithm)) throw new InvalidDataException("The list of references cannot be read.");
            var length = Digest.HashLength(algorithm);
            digests.Add(Digest.FromHash(algorithm, bytes.Slice(1, length)));
            bytes = bytes[(1 + length)..];
        }

        return digests;
    }
}
