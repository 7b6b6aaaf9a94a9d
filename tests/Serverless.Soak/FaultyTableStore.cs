using Serverless.Registry.Storage;

namespace Serverless.Soak;

/// <summary>Tables behind faults.</summary>
internal sealed class FaultyTableStore(ITableStore inner, Faults faults) : ITableStore
{
    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.FindAsync(table, key, cancellationToken));

    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.QueryAsync(table, query, continuation, cancellationToken));

    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.WriteAsync(table, write, cancellationToken));

    public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        faults.RunAsync(() => inner.WriteAsync(table, batch, cancellationToken));
}
