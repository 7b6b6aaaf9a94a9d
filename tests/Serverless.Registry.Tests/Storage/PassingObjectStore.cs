using System.Buffers;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>Passes every call on to another store: for a store in which one call is something else.</summary>
internal abstract class PassingObjectStore(IObjectStore inner) : IObjectStore
{
    protected IObjectStore Inner => inner;

    public virtual Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken) => inner.PutAsync(name, content, cancellationToken);

    public virtual Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
        inner.StageBlockAsync(name, blockId, content, cancellationToken);

    public virtual Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
        inner.CommitBlocksAsync(name, blockIds, cancellationToken);

    public virtual Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) =>
        inner.CopyAsync(source, size, target, etag, cancellationToken);

    public virtual Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

    public virtual Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) => inner.OpenAsync(name, offset, length, cancellationToken);

    public virtual Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) => inner.DeleteAsync(name, etag, cancellationToken);

    public virtual IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

    public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) => inner.SignReadAsync(name, lifetime, cancellationToken);
}
