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
        while (TryRead(ref bytes, out var algorithm, out var hash)) digests.Add(Digest.FromHash(algorithm, hash));
        return digests;
    }

    /// <summary>Takes the first digest from a list.</summary>
    /// <returns>False when the list is empty.</returns>
    /// <exception cref="InvalidDataException">The list is cut off, or of an algorithm that nobody knows.</exception>
    public static bool TryRead(ref ReadOnlySpan<byte> bytes, out DigestAlgorithm algorithm, out ReadOnlySpan<byte> hash)
    {
        algorithm = default;
        hash = default;
        if (bytes.IsEmpty) return false;
        algorithm = (DigestAlgorithm)bytes[0];
        if (!Enum.IsDefined(algorithm) || bytes.Length <= Digest.HashLength(algorithm)) throw new InvalidDataException("The list of references cannot be read.");
        hash = bytes.Slice(1, Digest.HashLength(algorithm));
        bytes = bytes[(1 + hash.Length)..];
        return true;
    }
}
