using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Core;

namespace Serverless.Registry.Imports;

/// <summary>
/// Keeps what proves to a source who asks from whoever reads the rows: AES-GCM, under a key of its own that all instances derive from the secret they share. It is bound to its import, so
/// that nobody who can write rows gets it sent to a source of his own by another one.
/// </summary>
internal sealed class ImportSeal(SharedSecret secret)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private static readonly byte[] s_purpose = Encoding.ASCII.GetBytes("credentials of imports");

    public async ValueTask<byte[]> CloseAsync(string id, ImportRequest request, byte[] content, CancellationToken cancellationToken)
    {
        using var cipher = await NewCipherAsync(cancellationToken);
        var bytes = new byte[NonceSize + content.Length + TagSize];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceSize));
        cipher.Encrypt(bytes.AsSpan(0, NonceSize), content, bytes.AsSpan(NonceSize, content.Length), bytes.AsSpan(NonceSize + content.Length), Bound(id, request));
        return bytes;
    }

    /// <summary>What was sealed; null when the secret is another one now, or it was sealed for another import.</summary>
    public async ValueTask<byte[]?> OpenAsync(string id, ImportRequest request, byte[] bytes, CancellationToken cancellationToken)
    {
        if (bytes.Length < NonceSize + TagSize) return null;
        using var cipher = await NewCipherAsync(cancellationToken);
        var content = new byte[bytes.Length - NonceSize - TagSize];
        try
        {
            cipher.Decrypt(bytes.AsSpan(0, NonceSize), bytes.AsSpan(NonceSize, content.Length), bytes.AsSpan(NonceSize + content.Length), content, Bound(id, request));
            return content;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Bound(string id, ImportRequest request) => Encoding.UTF8.GetBytes($"{id} {request.Source} {request.Target}");

    private async ValueTask<AesGcm> NewCipherAsync(CancellationToken cancellationToken) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, await secret.GetAsync(cancellationToken), 32, info: s_purpose), TagSize);
}
