using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Blobs;

/// <summary>What an upload session is before it has a row: starting one costs no storage operation.</summary>
/// <param name="Id">The session's id.</param>
/// <param name="StartedAt">When it was started, UTC, to the second.</param>
/// <param name="Algorithm">The algorithm of the digest that is expected at the end.</param>
/// <param name="HasRow">Whether a chunk was taken already, so that the session's row must exist.</param>
internal sealed record UploadToken(Guid Id, DateTimeOffset StartedAt, DigestAlgorithm Algorithm, bool HasRow)
{
    /// <summary>Bytes that were kept when it was signed: a chunk that does not say where it belongs belongs behind them.</summary>
    public long Offset { get; init; }

    /// <summary>
    /// Whether it is what a start answered, and that was long ago: the upload has begun by now, so that there is a row, or never will. Not signed; instances' clocks, which differ
    /// by up to a minute, need not agree on it.
    /// </summary>
    public bool IsLate { get; init; }

    /// <summary>Whether the session's row must exist.</summary>
    public bool NeedsRow => HasRow || IsLate;
}

/// <summary>
/// Signs upload sessions for the client to carry, and checks what comes back. A token belongs to one repository and dies with the session's lifetime,
/// which is shorter than the grace: nobody can commit blocks that were purged.
/// <code>
/// 1 version, 1 algorithm, 1 has a row, 16 id, 8 start in seconds, 8 bytes kept, 32 HMAC-SHA256 over these and the repository; base64url
/// </code>
/// </summary>
internal sealed class UploadTokens(SharedSecret secret, TimeProvider timeProvider, TimeSpan lifetime)
{
    /// <summary>How long after its start an upload may still begin.</summary>
    public static readonly TimeSpan TimeToBegin = TimeSpan.FromHours(1);

    private const byte Version = 2;
    private const int BodySize = 35;
    private static readonly int s_textLength = Base64Url.GetEncodedLength(BodySize + HMACSHA256.HashSizeInBytes);

    public UploadToken New(DigestAlgorithm algorithm) =>
        new(Guid.NewGuid(), DateTimeOffset.FromUnixTimeSeconds(timeProvider.GetUtcNow().ToUnixTimeSeconds()), algorithm, HasRow: false);

    public async ValueTask<string> SignAsync(RepositoryName repository, UploadToken token, CancellationToken cancellationToken)
    {
        var bytes = new byte[BodySize];
        bytes[0] = Version;
        bytes[1] = (byte)token.Algorithm;
        bytes[2] = token.HasRow ? (byte)1 : (byte)0;
        token.Id.TryWriteBytes(bytes.AsSpan(3));
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(19), token.StartedAt.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(27), token.Offset);
        return RepositorySeal.Seal(await secret.GetAsync(cancellationToken), repository, bytes);
    }

    /// <summary>The session that a text stands for; null when it was not signed for this repository and id, or has expired.</summary>
    public async ValueTask<UploadToken?> FindAsync(RepositoryName repository, Guid id, string text, CancellationToken cancellationToken)
    {
        if (text.Length != s_textLength) return null;
        if (RepositorySeal.Open(await secret.GetAsync(cancellationToken), repository, text) is not { Length: BodySize } bytes || bytes[0] != Version) return null;
        var token = new UploadToken(
            new Guid(bytes.AsSpan(3, 16)),
            DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(19))),
            (DigestAlgorithm)bytes[1],
            bytes[2] != 0)
        { Offset = BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(27)) };
        var age = timeProvider.GetUtcNow() - token.StartedAt;
        return token.Id == id && age < lifetime ? token with { IsLate = !token.HasRow && age >= TimeToBegin } : null;
    }
}
