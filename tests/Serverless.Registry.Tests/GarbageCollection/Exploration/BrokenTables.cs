using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Tables through which one actor breaks one rule.</summary>
internal abstract class BrokenTables(ITableStore inner) : ITableStore
{
    protected ITableStore Inner => inner;

    public virtual async Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) =>
        await inner.FindAsync(table, key, cancellationToken) is { } row ? Seen(table, row) : null;

    public virtual async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        var page = await inner.QueryAsync(table, query, continuation, cancellationToken);
        return page with { Rows = [.. page.Rows.Select(r => Seen(table, r))] };
    }

    public virtual Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => inner.WriteAsync(table, write, cancellationToken);

    public virtual Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        inner.WriteAsync(table, batch, cancellationToken);

    /// <summary>A row as the actor sees it.</summary>
    protected virtual TableRow Seen(string table, TableRow row) => row;

    protected static bool IsBlob(RowKey key) => key.Row == TableKeys.BlobRow;
}
