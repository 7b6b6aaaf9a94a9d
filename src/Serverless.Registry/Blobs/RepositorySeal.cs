using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Blobs;

/// <summary>Texts for clients to carry that nobody can change, nor use for another repository: some bytes and their HMAC-SHA256 with the repository, in base64url.</summary>
internal static class RepositorySeal
{
    /// <summary>The bytes as a text.</summary>
    public static string Seal(byte[] key, RepositoryName repository, ReadOnlySpan<byte> body) => Base64Url.EncodeToString([.. body, .. Mac(key, repository, body)]);

    /// <summary>The bytes that were sealed; null when the text was not made with this key for this repository.</summary>
    public static byte[]? Open(byte[] key, RepositoryName repository, string text)
    {
        if (!Base64Url.IsValid(text, out var length) || length < HMACSHA256.HashSizeInBytes) return null;
        var bytes = Base64Url.DecodeFromChars(text);
        var body = bytes[..^HMACSHA256.HashSizeInBytes];
        return CryptographicOperations.FixedTimeEquals(Mac(key, repository, body), bytes.AsSpan(body.Length)) ? body : null;
    }

    private static byte[] Mac(byte[] key, RepositoryName repository, ReadOnlySpan<byte> body) =>
        HMACSHA256.HashData(key, (byte[])[.. body, .. Encoding.ASCII.GetBytes(repository.ToString())]);
}
