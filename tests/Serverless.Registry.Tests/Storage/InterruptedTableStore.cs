using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.Storage;

/// <summary>A table store in which somebody else does something right before the first write of a kind.</summary>
internal sealed class InterruptedTableStore(ITableStore inner, Func<RowWrite, bool> before, Func<Task> other) : PassingTableStore(inner)
{
    private bool _done;

    public override async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        await InterruptAsync([write]);
        return await Inner.WriteAsync(table, write, cancellationToken);
    }

    public override async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        await InterruptAsync(batch);
        return await Inner.WriteAsync(table, batch, cancellationToken);
    }

    private async Task InterruptAsync(IReadOnlyList<RowWrite> writes)
    {
        if (_done || !writes.Any(before)) return;
        _done = true;
        await other();
    }
}
