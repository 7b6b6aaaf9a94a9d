using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>A table store in which somebody else does something right before the first write of a kind.</summary>
internal sealed class InterruptedTableStore(ITableStore inner, Func<RowWrite, bool> before, Func<Task> other) : ITableStore
{
    private bool _done;

    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => inner.FindAsync(table, key, cancellationToken);

    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        inner.QueryAsync(table, query, continuation, cancellationToken);

    public async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        await InterruptAsync([write]);
        return await inner.WriteAsync(table, write, cancellationToken);
    }

    public async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        await InterruptAsync(batch);
        return await inner.WriteAsync(table, batch, cancellationToken);
    }

    private async Task InterruptAsync(IReadOnlyList<RowWrite> writes)
    {
        if (_done || !writes.Any(before)) return;
        _done = true;
        await other();
    }
}
