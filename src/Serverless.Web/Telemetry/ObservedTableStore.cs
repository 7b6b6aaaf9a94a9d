using Serverless.Registry.Storage;

namespace Serverless.Web.Telemetry;

/// <summary>A table store whose calls are told of.</summary>
internal sealed class ObservedTableStore(ITableStore inner, ObservedStorage storage) : ITableStore
{
    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) =>
        RunAsync("find", () => inner.FindAsync(table, key, cancellationToken));

    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        RunAsync("query", () => inner.QueryAsync(table, query, continuation, cancellationToken));

    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) =>
        RunAsync("write", () => inner.WriteAsync(table, write, cancellationToken));

    public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        RunAsync("batch", () => inner.WriteAsync(table, batch, cancellationToken));

    private Task<T> RunAsync<T>(string operation, Func<Task<T>> call) => storage.RunAsync("tables", operation, call);
}
