using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>A table store that notes how many bytes the largest page had that was read of it.</summary>
internal sealed class PageSizes(ITableStore inner) : ITableStore
{
    public int Pages { get; private set; }

    public long LargestPage { get; private set; }

    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => inner.FindAsync(table, key, cancellationToken);

    public async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        var page = await inner.QueryAsync(table, query, continuation, cancellationToken);
        Pages++;
        LargestPage = Math.Max(LargestPage, page.Rows.Sum(r => r.Properties.Values.Sum(v => v is byte[] bytes ? (long)bytes.Length : 0)));
        return page;
    }

    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => inner.WriteAsync(table, write, cancellationToken);

    public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) => inner.WriteAsync(table, batch, cancellationToken);
}
