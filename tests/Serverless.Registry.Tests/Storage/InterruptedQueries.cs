using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>A table store in which somebody else does something right before a table is first read page by page.</summary>
internal sealed class InterruptedQueries(ITableStore inner, string before, Func<Task> other) : ITableStore
{
    private bool _done;

    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => inner.FindAsync(table, key, cancellationToken);

    public async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        if (!_done && table == before)
        {
            _done = true;
            await other();
        }

        return await inner.QueryAsync(table, query, continuation, cancellationToken);
    }

    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => inner.WriteAsync(table, write, cancellationToken);

    public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) => inner.WriteAsync(table, batch, cancellationToken);
}
