using System.Collections.Concurrent;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>How far a copy has come. Any thread may read it meanwhile.</summary>
public sealed class CopyProgress
{
    private readonly ConcurrentQueue<string> _problems = new();
    private readonly ConcurrentDictionary<BlobTransfer, bool> _transfers = new();
    private long _manifests;
    private long _tags;
    private long _blobs;
    private long _present;
    private long _bytes;
    private long _expected;
    private long _parts;

    /// <summary>Manifests that were written.</summary>
    public long Manifests => Interlocked.Read(ref _manifests);

    /// <summary>Tags that were set.</summary>
    public long Tags => Interlocked.Read(ref _tags);

    /// <summary>Blobs that were sent.</summary>
    public long Blobs => Interlocked.Read(ref _blobs);

    /// <summary>Parts of large blobs that were sent and need not be sent again.</summary>
    public long Parts => Interlocked.Read(ref _parts);

    /// <summary>Manifests and blobs that were there already.</summary>
    public long Present => Interlocked.Read(ref _present);

    /// <summary>Bytes of blobs that were sent; what was sent twice, because the target broke off, counts twice.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Bytes of the blobs that are to be sent, as far as they are known.</summary>
    public long Expected => Interlocked.Read(ref _expected);

    /// <summary>What could not be copied though the image that it refers to was, each in a line.</summary>
    public IReadOnlyCollection<string> Problems => _problems;

    /// <summary>The blobs that are being sent.</summary>
    public IReadOnlyCollection<BlobTransfer> Transfers => [.. _transfers.Keys.OrderBy(t => t.Number)];

    internal void AddProblem(string problem) => _problems.Enqueue(problem);

    internal void AddManifest() => Interlocked.Increment(ref _manifests);

    internal void AddTag() => Interlocked.Increment(ref _tags);

    internal void AddBlob() => Interlocked.Increment(ref _blobs);

    internal void AddPart() => Interlocked.Increment(ref _parts);

    internal void AddPresent() => Interlocked.Increment(ref _present);

    internal void AddBytes(long count) => Interlocked.Add(ref _bytes, count);

    internal void Expect(long count) => Interlocked.Add(ref _expected, count);

    internal BlobTransfer Begin(Descriptor blob)
    {
        var transfer = new BlobTransfer(this, blob);
        _transfers.TryAdd(transfer, true);
        return transfer;
    }

    internal void End(BlobTransfer transfer) => _transfers.TryRemove(transfer, out _);
}
