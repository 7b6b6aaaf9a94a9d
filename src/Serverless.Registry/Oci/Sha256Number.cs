using System.Buffers.Binary;

namespace Serverless.Registry.Oci;

/// <summary>A SHA-256 as a number of 32 bytes, in the order of the texts: where there are very many of them, a fifth of what the texts take.</summary>
internal readonly record struct Sha256Number(ulong A, ulong B, ulong C, ulong D) : IComparable<Sha256Number>
{
    /// <param name="hash">32 bytes.</param>
    public static Sha256Number Of(ReadOnlySpan<byte> hash) => new(
        BinaryPrimitives.ReadUInt64BigEndian(hash), BinaryPrimitives.ReadUInt64BigEndian(hash[8..]), BinaryPrimitives.ReadUInt64BigEndian(hash[16..]), BinaryPrimitives.ReadUInt64BigEndian(hash[24..]));

    /// <param name="digest">A digest by SHA-256.</param>
    public static Sha256Number Of(Digest digest)
    {
        Span<byte> hash = stackalloc byte[32];
        Convert.FromHexString(digest.ToString().AsSpan("sha256:".Length), hash, out _, out _);
        return Of(hash);
    }

    public int CompareTo(Sha256Number other) =>
        A != other.A ? A.CompareTo(other.A) : B != other.B ? B.CompareTo(other.B) : C != other.C ? C.CompareTo(other.C) : D.CompareTo(other.D);

    // Whoever pushes chooses what his manifests name, but not what falls together here.
    public override int GetHashCode() => HashCode.Combine(A, B, C, D);

    public Digest ToDigest()
    {
        Span<byte> hash = stackalloc byte[32];
        BinaryPrimitives.WriteUInt64BigEndian(hash, A);
        BinaryPrimitives.WriteUInt64BigEndian(hash[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(hash[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(hash[24..], D);
        return Digest.FromHash(DigestAlgorithm.Sha256, hash);
    }
}
