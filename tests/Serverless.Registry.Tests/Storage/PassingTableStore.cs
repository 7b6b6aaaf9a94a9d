using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>Passes every call on to another store: for a store in which one call is something else.</summary>
internal abstract class PassingTableStore(ITableStore inner) : ITableStore
{
    protected ITableStore Inner => inner;

    public virtual Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => inner.FindAsync(table, key, cancellationToken);

    public virtual Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        inner.QueryAsync(table, query, continuation, cancellationToken);

    public virtual Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => inner.WriteAsync(table, write, cancellationToken);

    public virtual Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        inner.WriteAsync(table, batch, cancellationToken);
}
