using System.Buffers;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>An object store in which somebody else does something right before an object is deleted, and whose reads are watched.</summary>
internal sealed class InterruptedObjectStore(IObjectStore inner, Func<Task>? beforeDelete = null) : IObjectStore
{
    /// <summary>The largest buffer that anybody asked to have filled.</summary>
    public int LargestRead { get; private set; }

    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken) => inner.PutAsync(name, content, cancellationToken);

    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        inner.StageBlockAsync(name, blockId, content, cancellationToken);

    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        inner.CommitBlocksAsync(name, blockIds, cancellationToken);

    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) => inner.CopyAsync(source, size, target, etag, cancellationToken);

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

    public async Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
        await inner.OpenAsync(name, offset, length, cancellationToken) is { } stream ? new WatchedStream(stream, n => LargestRead = Math.Max(LargestRead, n)) : null;

    public async Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken)
    {
        if (beforeDelete is not null) await beforeDelete();
        return await inner.DeleteAsync(name, etag, cancellationToken);
    }

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) => inner.SignReadAsync(name, lifetime, cancellationToken);

    private sealed class WatchedStream(Stream inner, Action<int> reading) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            reading(buffer.Length);
            return inner.ReadAsync(buffer, cancellationToken);
        }
    }
}
