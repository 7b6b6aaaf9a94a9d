using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Replaces and deletes some rows whatever their version.</summary>
internal sealed class AnyVersion(ITableStore inner, Func<RowKey, bool> any) : BrokenTables(inner)
{
    public override Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => Inner.WriteAsync(table, Loosen(write), cancellationToken);

    public override Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        Inner.WriteAsync(table, [.. batch.Select(Loosen)], cancellationToken);

    private RowWrite Loosen(RowWrite write) => write switch
    {
        RowWrite.Delete d when any(d.Key) => new RowWrite.Delete(d.Key, "*"),
        RowWrite.Replace r when any(r.Key) => new RowWrite.Replace(r.Key, r.Properties, "*"),
        _ => write,
    };
}

/// <summary>Takes out of a batch what makes the blob young.</summary>
internal sealed class NoTouchOfTheBlob(ITableStore inner) : BrokenTables(inner)
{
    public override Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        Inner.WriteAsync(table, [.. batch.Where(w => !(w is RowWrite.Touch && IsBlob(w.Key)))], cancellationToken);
}

/// <summary>Writes the rows of a queue last instead of first.</summary>
/// <param name="inner">The real tables.</param>
/// <param name="queue">The queue.</param>
/// <param name="last">The write after which it is done.</param>
internal sealed class QueuesLast(ITableStore inner, RowQuery queue, Func<RowWrite, bool> last) : BrokenTables(inner)
{
    private readonly List<RowWrite> _late = [];

    public override async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        if (Keeps(write)) return new WriteResult(WriteOutcome.Done);
        var result = await Inner.WriteAsync(table, write, cancellationToken);
        if (last(write)) await WriteLateAsync(cancellationToken);
        return result;
    }

    public override async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        if (batch.All(Keeps)) return new BatchResult(WriteOutcome.Done);
        var result = await Inner.WriteAsync(table, batch, cancellationToken);
        if (batch.Any(last)) await WriteLateAsync(cancellationToken);
        return result;
    }

    private bool Keeps(RowWrite write)
    {
        if (write is not RowWrite.UpsertMerge || !queue.Covers(write.Key.Partition)) return false;
        _late.Add(write);
        return true;
    }

    private async Task WriteLateAsync(CancellationToken cancellationToken)
    {
        foreach (var write in _late) await Inner.WriteAsync(TableKeys.SystemTable, write, cancellationToken);
        _late.Clear();
    }
}

/// <summary>Finishes an upload session without claiming it.</summary>
internal sealed class ClaimsNothing(ITableStore inner) : BrokenTables(inner)
{
    public override Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) =>
        write is RowWrite.Replace { Properties: var properties } && properties.GetValueOrDefault("state") is "Committing"
            ? Task.FromResult(new WriteResult(WriteOutcome.Done, "claimed"))
            : Inner.WriteAsync(table, write, cancellationToken);
}

/// <summary>Gives a repository that is queued again a new turn, as if it had not been waiting.</summary>
internal sealed class ForgetsDueTimes(ITableStore inner) : BrokenTables(inner)
{
    public override Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => Inner.WriteAsync(
        table,
        write is RowWrite.UpsertMerge { Properties: var nothing } && TableKeys.RepositoryQueue.Covers(write.Key.Partition) ? new RowWrite.Upsert(write.Key, nothing) : write,
        cancellationToken);
}
