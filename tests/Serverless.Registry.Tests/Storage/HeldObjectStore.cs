using System.Buffers;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>An object store that takes no object until it is told to.</summary>
internal sealed class HeldObjectStore(IObjectStore inner, int expected) : IObjectStore
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _held;

    /// <summary>Ends when as many objects as were expected are held at a time.</summary>
    public Task Reached => _reached.Task;

    public void Release() => _released.TrySetResult();

    public async Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _held) == expected) _reached.TrySetResult();
        await _released.Task;
        return await inner.PutAsync(name, content, cancellationToken);
    }

    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        inner.StageBlockAsync(name, blockId, content, cancellationToken);

    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        inner.CommitBlocksAsync(name, blockIds, cancellationToken);

    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) =>
        inner.CopyAsync(source, size, target, etag, cancellationToken);

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) => inner.OpenAsync(name, offset, length, cancellationToken);

    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) => inner.DeleteAsync(name, etag, cancellationToken);

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) => inner.SignReadAsync(name, lifetime, cancellationToken);
}
