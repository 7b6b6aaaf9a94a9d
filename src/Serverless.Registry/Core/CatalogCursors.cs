using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Core;

/// <summary>
/// Places in the catalog for clients to carry who may not see the names there: AES-GCM under a key that all instances share, and all of one length, because the length of a name tells
/// of it too.
/// </summary>
internal sealed class CatalogCursors(SharedSecret secret)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int BodySize = RepositoryName.MaxLength;
    private static readonly byte[] s_purpose = Encoding.ASCII.GetBytes("cursors of the catalog");

    public async ValueTask<string> SealAsync(RepositoryName name, CancellationToken cancellationToken)
    {
        using var cipher = await NewCipherAsync(cancellationToken);
        var body = new byte[BodySize];
        Encoding.ASCII.GetBytes(name.ToString(), body);
        var bytes = new byte[NonceSize + BodySize + TagSize];
        RandomNumberGenerator.Fill(bytes.AsSpan(0, NonceSize));
        cipher.Encrypt(bytes.AsSpan(0, NonceSize), body, bytes.AsSpan(NonceSize, BodySize), bytes.AsSpan(NonceSize + BodySize));
        return Base64Url.EncodeToString(bytes);
    }

    /// <exception cref="RegistryException">PageInvalid: the text is not of this registry.</exception>
    public async ValueTask<string> OpenAsync(string cursor, CancellationToken cancellationToken)
    {
        if (!Base64Url.IsValid(cursor, out var length) || length != NonceSize + BodySize + TagSize) throw Invalid();
        using var cipher = await NewCipherAsync(cancellationToken);
        var (bytes, body) = (Base64Url.DecodeFromChars(cursor), new byte[BodySize]);
        try
        {
            cipher.Decrypt(bytes.AsSpan(0, NonceSize), bytes.AsSpan(NonceSize, BodySize), bytes.AsSpan(NonceSize + BodySize), body);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw Invalid();
        }

        return Encoding.ASCII.GetString(body).TrimEnd('\0');
    }

    private async ValueTask<AesGcm> NewCipherAsync(CancellationToken cancellationToken) =>
        new(HKDF.DeriveKey(HashAlgorithmName.SHA256, await secret.GetAsync(cancellationToken), 32, info: s_purpose), TagSize);

    private static RegistryException Invalid() => new(RegistryError.PageInvalid, "'cursor' is not from a link of this registry");
}
