using System.Buffers;
using System.Runtime.CompilerServices;
using Serverless.Registry.Storage;

namespace Serverless.Testing;

/// <summary>An object store whose calls a probe watches. Signing is no call to storage.</summary>
internal sealed class ProbedObjectStore(IObjectStore inner, StorageProbe probe) : IObjectStore
{
    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        probe.RunAsync(false, "put", () => inner.PutAsync(name, content, cancellationToken));

    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        probe.RunAsync(false, "stage", async () =>
        {
            await inner.StageBlockAsync(name, blockId, content, cancellationToken);
            return true;
        });

    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        probe.RunAsync(false, "commit", () => inner.CommitBlocksAsync(name, blockIds, cancellationToken));

    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) =>
        probe.RunAsync(false, "copy", () => inner.CopyAsync(source, size, target, etag, cancellationToken));

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) =>
        probe.RunAsync(false, "find", () => inner.FindAsync(name, cancellationToken));

    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
        probe.RunAsync(false, "open", () => inner.OpenAsync(name, offset, length, cancellationToken));

    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) =>
        probe.RunAsync(false, "delete", () => inner.DeleteAsync(name, etag, cancellationToken));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A page has more objects than a test makes.
        foreach (var found in await probe.RunAsync(false, "list", () => inner.ListAsync(prefix, cancellationToken).ToListAsync(cancellationToken).AsTask())) yield return found;
    }

    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) =>
        inner.SignReadAsync(name, lifetime, cancellationToken);
}
