using Serverless.Registry.Storage;

namespace Serverless.Testing;

/// <summary>A table store whose calls a probe watches.</summary>
internal sealed class ProbedTableStore(ITableStore inner, StorageProbe probe) : ITableStore
{
    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) =>
        probe.RunAsync(true, $"find {table} {key.Row}", () => inner.FindAsync(table, key, cancellationToken));

    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        probe.RunAsync(true, $"query {table} {query.From}", () => inner.QueryAsync(table, query, continuation, cancellationToken));

    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) =>
        probe.RunAsync(true, $"write {table} {write.GetType().Name} {write.Key.Row}", () => inner.WriteAsync(table, write, cancellationToken));

    public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        probe.RunAsync(true, $"batch {table} {string.Join(", ", batch.Select(w => $"{w.GetType().Name} {w.Key.Row}"))}", () => inner.WriteAsync(table, batch, cancellationToken));
}
