using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>Does something before each query.</summary>
internal sealed class HookedTableStore(ITableStore inner, Func<string, RowQuery, Task> hook) : PassingTableStore(inner)
{
    public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        await hook(table, query);
        return await base.QueryAsync(table, query, continuation, cancellationToken);
    }
}
