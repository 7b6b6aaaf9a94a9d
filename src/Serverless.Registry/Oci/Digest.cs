using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Serverless.Registry.Oci;

/// <summary>
/// A content digest, <c>algorithm:hex</c> (OCI image specification 1.1.1, descriptor.md#digests). Only sha256 and sha512 are accepted, in lower case
/// and of the right length, so two digests are equal exactly when their texts are.
/// </summary>
public readonly record struct Digest : IParsable<Digest>
{
    private static readonly SearchValues<char> s_lowerHex = SearchValues.Create("0123456789abcdef");

    private readonly string? _text;

    private Digest(string text) => _text = text;

    /// <summary>The algorithm that made the digest.</summary>
    public DigestAlgorithm Algorithm => Text.StartsWith("sha256:", StringComparison.Ordinal) ? DigestAlgorithm.Sha256 : DigestAlgorithm.Sha512;

    /// <summary>The encoded part: lower-case hexadecimal, two characters a byte.</summary>
    public string Hex => Text[7..];

    private string Text => _text ?? throw new InvalidOperationException("A default Digest has no value.");

    /// <summary>The digest of <paramref name="content"/>, computed now.</summary>
    public static Digest Compute(DigestAlgorithm algorithm, ReadOnlySpan<byte> content) => algorithm switch
    {
        DigestAlgorithm.Sha256 => FromHash(algorithm, SHA256.HashData(content)),
        DigestAlgorithm.Sha512 => FromHash(algorithm, SHA512.HashData(content)),
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Wraps a finished hash.</summary>
    /// <exception cref="ArgumentException">The hash does not have the algorithm's length.</exception>
    public static Digest FromHash(DigestAlgorithm algorithm, ReadOnlySpan<byte> hash)
    {
        if (hash.Length != HashLength(algorithm)) throw new ArgumentException("The hash does not have the algorithm's length.", nameof(hash));
        return new Digest(Name(algorithm) + ":" + Convert.ToHexStringLower(hash));
    }

    /// <summary>Bytes of a finished hash: 32 or 64.</summary>
    public static int HashLength(DigestAlgorithm algorithm) => algorithm switch
    {
        DigestAlgorithm.Sha256 => 32,
        DigestAlgorithm.Sha512 => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(algorithm)),
    };

    /// <summary>Whether <paramref name="content"/> has this digest.</summary>
    public bool Matches(ReadOnlySpan<byte> content) => Compute(Algorithm, content) == this;

    /// <inheritdoc/>
    public static Digest Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var digest) ? digest : throw new FormatException("Not a sha256 or sha512 digest in lower-case hexadecimal.");

    /// <summary>As the other overload; digests have no culture.</summary>
    public static bool TryParse([NotNullWhen(true)] string? s, out Digest result) => TryParse(s, null, out result);

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Digest result)
    {
        result = default;
        if (s is null || s.Length < 8) return false;
        var length = s.AsSpan(0, 7) switch
        {
            "sha256:" => 64,
            "sha512:" => 128,
            _ => -1,
        };
        if (s.Length != 7 + length || s.AsSpan(7).ContainsAnyExcept(s_lowerHex)) return false;
        result = new Digest(s);
        return true;
    }

    /// <summary>The canonical text, <c>algorithm:hex</c>.</summary>
    public override string ToString() => Text;

    private static string Name(DigestAlgorithm algorithm) => algorithm == DigestAlgorithm.Sha256 ? "sha256" : "sha512";
}
