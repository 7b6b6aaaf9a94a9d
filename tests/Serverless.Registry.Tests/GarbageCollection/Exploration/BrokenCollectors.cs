using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Takes some rows for old, whatever their age.</summary>
internal sealed class AgelessRows(ITableStore inner, Func<RowKey, bool> ageless) : BrokenTables(inner)
{
    protected override TableRow Seen(string table, TableRow row) =>
        ageless(row.Key) ? new TableRow(row.Key, row.Properties, row.ETag, DateTimeOffset.UnixEpoch) : row;
}

/// <summary>Looks at every blob that is queued, whether it is due or not.</summary>
internal sealed class DueAtOnce(ITableStore inner) : BrokenTables(inner)
{
    protected override TableRow Seen(string table, TableRow row) =>
        TableKeys.DigestQueue.Covers(row.Key.Partition) ? new TableRow(row.Key, new Dictionary<string, object>(), row.ETag, row.Timestamp) : row;
}

/// <summary>Reads everything before the clock.</summary>
internal sealed class ReadsBeforeTheClock(ITableStore inner) : BrokenTables(inner)
{
    private readonly Dictionary<string, RowPage> _read = [];

    public override async Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) =>
        _read.TryGetValue(table, out var page) ? page.Rows.FirstOrDefault(r => r.Key == key) : await Inner.FindAsync(table, key, cancellationToken);

    public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        if (query == TableKeys.SharedRows && _read.Count == 0)
        {
            foreach (var name in (string[])[TableKeys.BlobsTable, TableKeys.RegistryTable])
            {
                _read[name] = await Inner.QueryAsync(name, RowQuery.Prefix(null, ""), null, cancellationToken);
            }

            // Here others have their turn.
            await Inner.FindAsync(TableKeys.SystemTable, TableKeys.Policy, cancellationToken);
        }

        if (!_read.TryGetValue(table, out var page)) return await Inner.QueryAsync(table, query, continuation, cancellationToken);
        return new RowPage([.. page.Rows.Where(r => r.Key.Partition == query.Partition
            && string.CompareOrdinal(r.Key.Row, query.From) >= 0 && string.CompareOrdinal(r.Key.Row, query.To) < 0)], null, page.Time);
    }
}

/// <summary>Keeps to what held for all instances before it claimed anything.</summary>
internal sealed class RemembersTheFormat(ITableStore inner) : BrokenTables(inner)
{
    private RowPage? _shared;

    public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        _shared ??= await Inner.QueryAsync(TableKeys.SystemTable, TableKeys.SharedRows, null, cancellationToken);
        return query == TableKeys.SharedRows ? _shared : await Inner.QueryAsync(table, query, continuation, cancellationToken);
    }
}

/// <summary>Reads the links of a blob before the blob.</summary>
internal sealed class ReadsLinksFirst(ITableStore inner) : BrokenTables(inner)
{
    public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        var page = await Inner.QueryAsync(table, query, continuation, cancellationToken);
        if (table != TableKeys.BlobsTable || !page.Rows.Any(r => IsBlob(r.Key))) return page;
        var blob = await Inner.FindAsync(table, page.Rows[0].Key, cancellationToken);
        return page with { Rows = blob is null ? [.. page.Rows.Skip(1)] : [blob, .. page.Rows.Skip(1)] };
    }
}

/// <summary>Takes a manifest that somebody touched for deleted.</summary>
internal sealed class TakesTouchedForDeleted(ITableStore inner) : BrokenTables(inner)
{
    public override async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        var result = await Inner.WriteAsync(table, write, cancellationToken);
        return IsDeletedManifest(write) ? new WriteResult(WriteOutcome.Done) : result;
    }

    public static bool IsDeletedManifest(RowWrite write) => write is RowWrite.Delete && write.Key.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal);
}

/// <summary>Deletes the child of an index before the index.</summary>
internal sealed class ChildrenFirst(ITableStore inner, string child) : BrokenTables(inner)
{
    private TableRow? _child;

    protected override TableRow Seen(string table, TableRow row)
    {
        if (row.Key.Row == child) _child = row;
        return row;
    }

    public override async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        if (!TakesTouchedForDeleted.IsDeletedManifest(write) || _child is not { } row) return await Inner.WriteAsync(table, write, cancellationToken);
        _child = null;
        await Inner.WriteAsync(table, new RowWrite.Delete(row.Key, row.ETag), cancellationToken);
        return await Inner.WriteAsync(table, write, cancellationToken);
    }
}

/// <summary>Deletes the row of a referrer after its manifest, whatever its version.</summary>
internal sealed class ReferrersAfterwards(ITableStore inner) : BrokenTables(inner)
{
    public override async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        if (!batch.Any(TakesTouchedForDeleted.IsDeletedManifest)) return await Inner.WriteAsync(table, batch, cancellationToken);
        var result = await Inner.WriteAsync(table, batch[0], cancellationToken);
        if (!result.Done) return new BatchResult(result.Outcome, 0);
        await Inner.WriteAsync(table, new RowWrite.Delete(batch[1].Key, "*"), cancellationToken);
        return new BatchResult(WriteOutcome.Done);
    }
}

/// <summary>Does not note which bytes it is about to delete.</summary>
internal sealed class ForgetsLocations(ITableStore inner) : BrokenTables(inner)
{
    public override Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) =>
        Inner.WriteAsync(table, write is RowWrite.Merge { Properties.Count: 1 } merge && merge.Properties.ContainsKey("location") ? new RowWrite.Touch(merge.Key, merge.ETag) : write, cancellationToken);
}
