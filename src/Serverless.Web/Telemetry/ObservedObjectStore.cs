using System.Buffers;
using Serverless.Registry.Storage;

namespace Serverless.Web.Telemetry;

/// <summary>An object store whose calls are told of. Signing is none, and a list is many; only the comparison of storage with the tables makes lists.</summary>
internal sealed class ObservedObjectStore(IObjectStore inner, ObservedStorage storage) : IObjectStore
{
    public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        RunAsync("put", () => inner.PutAsync(name, content, cancellationToken));

    public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        RunAsync("stage", async () =>
        {
            await inner.StageBlockAsync(name, blockId, content, cancellationToken);
            return true;
        });

    public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        RunAsync("commit", () => inner.CommitBlocksAsync(name, blockIds, cancellationToken));

    public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) =>
        RunAsync("copy", () => inner.CopyAsync(source, size, target, etag, cancellationToken));

    public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => RunAsync("find", () => inner.FindAsync(name, cancellationToken));

    public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
        RunAsync("open", () => inner.OpenAsync(name, offset, length, cancellationToken));

    public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) => RunAsync("delete", () => inner.DeleteAsync(name, etag, cancellationToken));

    public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) => inner.SignReadAsync(name, lifetime, cancellationToken);

    private Task<T> RunAsync<T>(string operation, Func<Task<T>> call) => storage.RunAsync("objects", operation, call);
}
