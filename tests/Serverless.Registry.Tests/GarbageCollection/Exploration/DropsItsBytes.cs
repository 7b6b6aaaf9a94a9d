using System.Buffers;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;

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

    private sealed class Watched(IObjectStore inner, DropsItsBytes owner) : PassingObjectStore(inner)
    {
        public override Task<WriteOutcome> PutAsync(string name, ReadOnlySequence<byte> content, CancellationToken cancellationToken)
        {
            owner._location = name;
            return Inner.PutAsync(name, content, cancellationToken);
        }
    }
}
