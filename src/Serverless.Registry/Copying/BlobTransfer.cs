using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>A blob that is being sent. Any thread may look how far it is.</summary>
public sealed class BlobTransfer : IDisposable
{
    private static long s_count;

    private readonly CopyProgress _progress;
    private long _bytes;

    internal BlobTransfer(CopyProgress progress, Descriptor blob) => (_progress, Digest, Size) = (progress, blob.Digest, blob.Size);

    /// <summary>The blob.</summary>
    public Digest Digest { get; }

    /// <summary>Its bytes; 0 where a layer does not say its size.</summary>
    public long Size { get; }

    /// <summary>Bytes that were sent.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>One begun later has a greater number.</summary>
    internal long Number { get; } = Interlocked.Increment(ref s_count);

    /// <inheritdoc/>
    public void Dispose() => _progress.End(this);

    internal void Add(long count)
    {
        Interlocked.Add(ref _bytes, count);
        _progress.AddBytes(count);
    }
}
