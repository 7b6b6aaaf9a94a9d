using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Sees to it that a new policy reaches repositories to which nobody pushes: the first run for which manifests without tags are garbage, or are so at another age, queues every
/// repository of the catalog, due at once. A row remembers the policy of the last run, and is written when all are queued.
/// </summary>
internal sealed class PolicyChange(CollectionRun run)
{
    private const string PolicyProperty = "policy";

    private readonly ITableStore _tables = run.Context.Tables;

    /// <summary>Whether repositories that nobody has queued may hold garbage by now.</summary>
    public async Task<bool> IsNewAsync(CancellationToken cancellationToken) => run.Options.Policy.Length > 0 && run.Options.Policy != await StoredAsync(cancellationToken);

    /// <summary>Queues what has to be queued.</summary>
    /// <param name="from">The repository after which to go on; null begins at the first.</param>
    /// <param name="reached">Told of each repository that is queued.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task QueueAllAsync(string? from, Func<string, CancellationToken, Task> reached, CancellationToken cancellationToken)
    {
        if (run.Options.Policy == await StoredAsync(cancellationToken)) return;
        if (run.Options.Policy.Length > 0)
        {
            await foreach (var names in run.Context.Catalog.ListAsync(from, cancellationToken).Chunk(TableLimits.BatchCount).WithCancellation(cancellationToken))
            {
                await run.DemandWritableAsync(cancellationToken);
                await QueueEntry.QueueAsync(_tables, names.Select(n => TableKeys.QueuedRepository(n)), run.Now, cancellationToken);
                await reached(names[^1].ToString(), cancellationToken);
            }
        }

        var properties = new Dictionary<string, object> { [PolicyProperty] = run.Options.Policy };
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.UpsertMerge(TableKeys.Policy, properties), cancellationToken);
        run.Context.Shared.Forget();
    }

    private async Task<string> StoredAsync(CancellationToken cancellationToken) =>
        (await run.Context.Shared.GetAsync(cancellationToken)).Find(TableKeys.Policy)?.FindString(PolicyProperty) ?? "";
}
