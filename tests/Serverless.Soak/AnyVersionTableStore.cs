using Serverless.Registry.Storage;

namespace Serverless.Soak;

/// <summary>Tables through which whatever version there is gets deleted: the rule that the soak must miss when it is not kept.</summary>
internal sealed class AnyVersionTableStore(ITableStore inner) : ITableStore
{
    // A collector may be slow at any moment. This one always is, at the worst one, so that a minute is enough.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => inner.FindAsync(table, key, cancellationToken);

    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        inner.QueryAsync(table, query, continuation, cancellationToken);

    public async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        if (table == TableKeys.BlobsTable && write is RowWrite.Delete) await Task.Delay(s_pause, cancellationToken);
        return await inner.WriteAsync(table, Loosen(write), cancellationToken);
    }

    public async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        if (table == TableKeys.BlobsTable && batch.Any(w => w is RowWrite.Delete)) await Task.Delay(s_pause, cancellationToken);
        return await inner.WriteAsync(table, [.. batch.Select(Loosen)], cancellationToken);
    }

    private static RowWrite Loosen(RowWrite write) => write is RowWrite.Delete ? new RowWrite.Delete(write.Key, "*") : write;
}
