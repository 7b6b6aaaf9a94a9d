using Serverless.Registry.Core;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Sees to it that a new policy reaches repositories to which nobody pushes: the first run for which manifests without tags are garbage, or are so at another age, or for which there are other
/// quotas, queues every repository of the catalog, due at once. A row remembers the policy of the last run.
/// <code>
///   row: another policy      write "begun"; queue from the first repository on      cut off: a cursor says where
///   row: begun               queue from the cursor on
///                            all are queued: write the policy
///   row: the policy          nothing to do
/// </code>
/// So a cursor counts for nothing once a run with another policy has come in between: that may have looked at what was queued, and kept what is garbage for this one.
/// </summary>
internal sealed class PolicyChange(CollectionRun run)
{
    private const string PolicyProperty = "policy";
    private const string BegunSuffix = ", begun";

    private readonly ITableStore _tables = run.Context.Tables;

    /// <summary>Whether repositories that nobody has queued may hold garbage by now.</summary>
    public async Task<bool> IsNewAsync(CancellationToken cancellationToken) => await PolicyAsync(cancellationToken) is { Length: > 0 } policy && policy != await StoredAsync(cancellationToken);

    /// <summary>Queues what has to be queued.</summary>
    /// <param name="from">The repository after which to go on; null begins at the first.</param>
    /// <param name="reached">Told of each repository that is queued.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task QueueAllAsync(string? from, Func<string, CancellationToken, Task> reached, CancellationToken cancellationToken)
    {
        var (policy, stored) = (await PolicyAsync(cancellationToken), await StoredAsync(cancellationToken));
        if (policy == stored) return;
        if (policy.Length > 0)
        {
            var begun = policy + BegunSuffix;
            if (stored != begun) await StoreAsync(begun, cancellationToken);
            await foreach (var names in run.Context.Catalog.ListAsync(stored == begun ? from : null, cancellationToken).Chunk(TableLimits.BatchCount).WithCancellation(cancellationToken))
            {
                await run.DemandWritableAsync(cancellationToken);
                await QueueEntry.QueueAsync(_tables, names.Select(n => TableKeys.QueuedRepository(n)), run.Now, cancellationToken);
                await reached(names[^1].ToString(), cancellationToken);
            }
        }

        await StoreAsync(policy, cancellationToken);
    }

    // What is held under a quota has to be known of every repository.
    private async Task<string> PolicyAsync(CancellationToken cancellationToken) =>
        string.Join("; ", new[] { run.Options.Policy, RegistryQuotas.Describe(await run.Context.Shared.GetAsync(cancellationToken)) }.Where(t => t.Length > 0));

    private async Task StoreAsync(string policy, CancellationToken cancellationToken)
    {
        await run.DemandWritableAsync(cancellationToken);
        var properties = new Dictionary<string, object> { [PolicyProperty] = policy };
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.UpsertMerge(TableKeys.Policy, properties), cancellationToken);
        run.Context.Shared.Forget();
    }

    private async Task<string> StoredAsync(CancellationToken cancellationToken) =>
        (await run.Context.Shared.GetAsync(cancellationToken)).Find(TableKeys.Policy)?.FindString(PolicyProperty) ?? "";
}
