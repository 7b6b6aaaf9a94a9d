using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Blobs;

/// <summary>What somebody may do without signing in, because it was let in elsewhere: go on with one upload, for a while.</summary>
/// <param name="Account">Who began the upload; null when nobody had signed in.</param>
/// <param name="Expires">When it ends, UTC, to the second.</param>
public sealed record UploadCapability(string? Account, DateTimeOffset Expires);

/// <summary>
/// Signs capabilities for clients to carry to a host that sees no credentials, and checks what comes back. A capability is good for one upload of one repository and for
/// nothing else: it is made with a key of its own, so that no other text that the registry signs can pass for one.
/// <code>
/// 1 version, 16 id of the upload, 8 end in seconds, 2 length of the account's name, the name in UTF-8, 32 HMAC-SHA256 over these and the repository; base64url
/// </code>
/// </summary>
public sealed class UploadCapabilities
{
    /// <summary>How long a capability holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private const byte Version = 1;
    private const int FixedSize = 27;
    private const int MaxLength = 4096;

    private readonly SharedSecret _secret;
    private readonly TimeProvider _timeProvider;

    internal UploadCapabilities(SharedSecret secret, TimeProvider timeProvider) => (_secret, _timeProvider) = (secret, timeProvider);

    /// <summary>A capability for an upload, from now on.</summary>
    /// <param name="repository">The repository of the upload.</param>
    /// <param name="upload">The upload's id.</param>
    /// <param name="account">Who began it; null when nobody has signed in.</param>
    /// <param name="cancellationToken">Ends the wait for the secret.</param>
    public async ValueTask<string> IssueAsync(RepositoryName repository, Guid upload, string? account, CancellationToken cancellationToken)
    {
        var name = Encoding.UTF8.GetBytes(account ?? "");
        var bytes = new byte[FixedSize + name.Length];
        bytes[0] = Version;
        upload.TryWriteBytes(bytes.AsSpan(1));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(17), (_timeProvider.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(25), checked((ushort)name.Length));
        name.CopyTo(bytes.AsSpan(FixedSize));
        return RepositorySeal.Seal(await GetKeyAsync(cancellationToken), repository, bytes);
    }

    /// <summary>The capability that a text stands for; null when it was not signed for this upload of this repository, or has ended.</summary>
    public async ValueTask<UploadCapability?> FindAsync(RepositoryName repository, Guid upload, string text, CancellationToken cancellationToken)
    {
        if (text.Length > MaxLength) return null;
        if (RepositorySeal.Open(await GetKeyAsync(cancellationToken), repository, text) is not { Length: >= FixedSize } body || body[0] != Version) return null;
        if (new Guid(body.AsSpan(1, 16)) != upload || BinaryPrimitives.ReadUInt16BigEndian(body.AsSpan(25)) != body.Length - FixedSize) return null;
        var expires = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(body.AsSpan(17)));
        if (_timeProvider.GetUtcNow() >= expires) return null;
        return new UploadCapability(body.Length == FixedSize ? null : Encoding.UTF8.GetString(body.AsSpan(FixedSize)), expires);
    }

    private async ValueTask<byte[]> GetKeyAsync(CancellationToken cancellationToken) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, await _secret.GetAsync(cancellationToken), HMACSHA256.HashSizeInBytes, info: "upload capability"u8.ToArray());
}
