using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Tables through which one actor breaks one rule.</summary>
internal abstract class BrokenTables(ITableStore inner) : PassingTableStore(inner)
{
    public override async Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) =>
        await Inner.FindAsync(table, key, cancellationToken) is { } row ? Seen(table, row) : null;

    public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        var page = await Inner.QueryAsync(table, query, continuation, cancellationToken);
        return page with { Rows = [.. page.Rows.Select(r => Seen(table, r))] };
    }

    /// <summary>A row as the actor sees it.</summary>
    protected virtual TableRow Seen(string table, TableRow row) => row;

    protected static bool IsBlob(RowKey key) => key.Row == TableKeys.BlobRow;
}
