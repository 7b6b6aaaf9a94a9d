using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>A table store that does not say which change of a batch could not be applied.</summary>
internal sealed class VagueTableStore(ITableStore inner) : ITableStore
{
    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => inner.FindAsync(table, key, cancellationToken);

    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) =>
        inner.QueryAsync(table, query, continuation, cancellationToken);

    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken) => inner.WriteAsync(table, write, cancellationToken);

    public async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        (await inner.WriteAsync(table, batch, cancellationToken)) with { Failed = null };
}
