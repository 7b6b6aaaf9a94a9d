using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>A table store in which somebody else does something right before a table is first read page by page.</summary>
internal sealed class InterruptedQueries(ITableStore inner, string before, Func<Task> other) : PassingTableStore(inner)
{
    private bool _done;

    public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        if (!_done && table == before)
        {
            _done = true;
            await other();
        }

        return await Inner.QueryAsync(table, query, continuation, cancellationToken);
    }
}
