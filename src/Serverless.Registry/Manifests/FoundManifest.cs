using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Manifests;

/// <summary>A manifest that was looked up to be handed on. The bytes of a large one stay in storage until then, so that many who ask for it take little memory.</summary>
public sealed class FoundManifest
{
    // What a slow client lets the server hold of a manifest that is in memory anyway.
    private const int Piece = 64 * 1024;

    private readonly ReadOnlyMemory<byte> _payload;
    private readonly Blob? _blob;

    internal FoundManifest(string mediaType, Digest digest, ReadOnlyMemory<byte> payload) => (MediaType, Digest, Size, _payload) = (mediaType, digest, payload.Length, payload);

    internal FoundManifest(string mediaType, Blob blob) => (MediaType, Digest, Size, _blob) = (mediaType, blob.Descriptor.Digest, blob.Descriptor.Size, blob);

    /// <summary>The type it was pushed as.</summary>
    public string MediaType { get; }

    /// <summary>The digest of its bytes.</summary>
    public Digest Digest { get; }

    /// <summary>Its size in bytes.</summary>
    public long Size { get; }

    /// <summary>When what it was looked up by was last written or touched, by the clock of storage: the tag's row, or the manifest's.</summary>
    internal DateTimeOffset Timestamp { get; init; }

    /// <summary>Writes its bytes piece by piece, as fast as they are taken.</summary>
    /// <exception cref="RegistryException">BLOB_UNKNOWN when the bytes went between the look-up and now.</exception>
    public async Task CopyToAsync(Stream destination, CancellationToken cancellationToken)
    {
        if (_blob is not null)
        {
            await using var stream = await _blob.OpenAsync(0, null, cancellationToken);
            await stream.CopyToAsync(destination, Piece, cancellationToken);
            return;
        }

        for (var rest = _payload; !rest.IsEmpty; rest = rest[Math.Min(Piece, rest.Length)..])
        {
            await destination.WriteAsync(rest[..Math.Min(Piece, rest.Length)], cancellationToken);
        }
    }

    internal FoundManifest SeenAt(DateTimeOffset timestamp) =>
        _blob is null ? new FoundManifest(MediaType, Digest, _payload) { Timestamp = timestamp } : new FoundManifest(MediaType, _blob) { Timestamp = timestamp };

    internal async Task<StoredManifest> ReadAsync(CancellationToken cancellationToken) =>
        new(MediaType, Digest, _blob is null ? _payload : await _blob.GetBytesAsync(cancellationToken));
}
