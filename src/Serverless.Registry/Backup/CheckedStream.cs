using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Backup;

/// <summary>Content on its way: when it ends, and has not the digest that it should have, reading it fails, so that whoever copies it does not finish.</summary>
internal sealed class CheckedStream(Stream inner, Digest digest) : DownloadStream
{
    private readonly OneShotHash _hash = new(digest.Algorithm);
    private bool _ended;

    /// <summary>Bytes that were read.</summary>
    public long Count { get; private set; }

    /// <exception cref="DigestMismatchException">The content has another digest.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        _hash.Append(buffer.Span[..count]);
        Count += count;
        if (count > 0 || buffer.IsEmpty || _ended) return count;
        _ended = true;
        return _hash.FinishDigest() is var actual && actual == digest ? 0 : throw new DigestMismatchException($"the bytes have the digest {actual}");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>Content is not what it should be.</summary>
internal sealed class DigestMismatchException(string message) : Exception(message);
