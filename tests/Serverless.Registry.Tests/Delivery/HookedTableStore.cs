using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>Does something before each query.</summary>
internal sealed class HookedTableStore(ITableStore inner, Func<string, RowQuery, Task> hook) : PassingTableStore(inner)
{
    /// <summary>Does something before each single write.</summary>
    public Func<RowWrite, Task> BeforeWrite { get; init; } = _ => Task.CompletedTask;

    public override async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        await BeforeWrite(write);
        return await base.WriteAsync(table, write, cancellationToken);
    }

    public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        await hook(table, query);
        return await base.QueryAsync(table, query, continuation, cancellationToken);
    }
}
