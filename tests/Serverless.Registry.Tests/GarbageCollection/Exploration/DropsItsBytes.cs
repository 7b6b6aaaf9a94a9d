using System.Buffers;
using System.Runtime.CompilerServices;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>A push that drops the bytes it brought whenever the blob was there already, and does not look whether they are the blob's.</summary>
internal sealed class DropsItsBytes(Stores stores) : BrokenTables(stores.Tables)
{
    private string? _location;

    public IObjectStore Objects => new Watched(stores.Objects, this);

    public override async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        var result = await Inner.WriteAsync(table, batch, cancellationToken);
        var joins = result.Done && batch.Any(w => w is RowWrite.Touch && IsBlob(w.Key));
        if (joins && _location is { } location) await stores.Objects.DeleteAsync(location, null, cancellationToken);
        return result;
    }

    private sealed class Watched(IObjectStore inner, DropsItsBytes owner) : IObjectStore
    {
        public Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
        {
            owner._location = name;
            return inner.PutAsync(name, content, cancellationToken);
        }

        public Task StageBlockAsync(string name, string blockId, ReadOnlySequence<byte> content, CancellationToken cancellationToken) =>
            inner.StageBlockAsync(name, blockId, content, cancellationToken);

        public Task<WriteOutcome> CommitBlocksAsync(string name, IReadOnlyList<string> blockIds, CancellationToken cancellationToken) =>
            inner.CommitBlocksAsync(name, blockIds, cancellationToken);

        public Task<WriteOutcome> CopyAsync(string source, long size, string target, string? etag, CancellationToken cancellationToken) => inner.CopyAsync(source, size, target, etag, cancellationToken);

        public Task<StoredObject?> FindAsync(string name, CancellationToken cancellationToken) => inner.FindAsync(name, cancellationToken);

        public Task<Stream?> OpenAsync(string name, long offset, long? length, CancellationToken cancellationToken) =>
            inner.OpenAsync(name, offset, length, cancellationToken);

        public Task<WriteOutcome> DeleteAsync(string name, string? etag, CancellationToken cancellationToken) => inner.DeleteAsync(name, etag, cancellationToken);

        public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var item in inner.ListAsync(prefix, cancellationToken)) yield return item;
        }

        public ValueTask<Uri?> SignReadAsync(string name, TimeSpan lifetime, CancellationToken cancellationToken) =>
            inner.SignReadAsync(name, lifetime, cancellationToken);
    }
}
