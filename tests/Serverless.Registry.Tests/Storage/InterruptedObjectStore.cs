using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>An object store in which somebody else does something right before an object is deleted, and whose reads are watched.</summary>
internal sealed class InterruptedObjectStore(IObjectStore inner, Func<Task>? beforeDelete = null) : PassingObjectStore(inner)
{
    /// <summary>The largest buffer that anybody asked to have filled.</summary>
    public int LargestRead { get; private set; }

    public override async Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
        await Inner.OpenAsync(name, offset, length, cancellationToken) is { } stream ? new WatchedStream(stream, n => LargestRead = Math.Max(LargestRead, n)) : null;

    public override async Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken)
    {
        if (beforeDelete is not null) await beforeDelete();
        return await Inner.DeleteAsync(name, etag, cancellationToken);
    }

    private sealed class WatchedStream(Stream inner, Action<int> reading) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            reading(buffer.Length);
            return inner.ReadAsync(buffer, cancellationToken);
        }
    }
}
