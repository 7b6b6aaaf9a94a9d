using System.Buffers;
using System.Runtime.CompilerServices;
using Serverless.Registry.Storage;

namespace Serverless.Soak;

/// <summary>Objects behind faults.</summary>
internal sealed class FaultyObjectStore(IObjectStore inner, Faults faults) : IObjectStore
{
    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.PutAsync(name, content, cancellationToken));

    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        faults.RunAsync(async () =>
        {
            await inner.StageBlockAsync(name, blockId, content, cancellationToken);
            return true;
        });

    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.CommitBlocksAsync(name, blockIds, cancellationToken));

    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.CopyAsync(source, size, target, etag, cancellationToken));

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => faults.RunAsync(() => inner.FindAsync(name, cancellationToken));

    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.OpenAsync(name, offset, length, cancellationToken));

    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.DeleteAsync(name, etag, cancellationToken));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in inner.ListAsync(prefix, cancellationToken)) yield return item;
    }

    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) => inner.SignReadAsync(name, lifetime, cancellationToken);
}
