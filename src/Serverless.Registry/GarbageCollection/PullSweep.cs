using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Takes away what is remembered of tags and manifests that are gone: when they were last pulled; and the tags' history, once the repository has no manifest left to which a
/// tag could be put back; and claims of a mirror to fetch what was fetched long ago. Nobody relies on any of it, so there is nothing to lose but a note that comes in this very moment.
/// </summary>
internal sealed class PullSweep(CollectionRun run, RepositoryName repository, Action<TableRow, TimeSpan> passOver)
{
    /// <param name="isThere">Whether there is a tag or a manifest of that name.</param>
    /// <param name="isEmpty">Whether the repository has no manifests.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(Func<string, bool> isThere, bool isEmpty, CancellationToken cancellationToken)
    {
        if (run.Options.DryRun) return;
        await SweepAsync(TableKeys.PullPrefix, row => !isThere(row.Key.Row[TableKeys.PullPrefix.Length..]), cancellationToken);
        if (isEmpty) await SweepAsync(TableKeys.HistoriesPrefix, _ => true, cancellationToken);
        if (run.Context.Options.FindMirror(repository) is not null) await SweepAsync(TableKeys.FetchPrefix, _ => true, cancellationToken);
    }

    private async Task SweepAsync(string prefix, Func<TableRow, bool> isUseless, CancellationToken cancellationToken)
    {
        List<TableRow> old = [];
        var rows = RowQuery.Prefix(TableKeys.Encode(repository), prefix) with { Select = [] };
        await foreach (var row in run.Context.Tables.ListAsync(TableKeys.RegistryTable, rows, cancellationToken))
        {
            if (!isUseless(row)) continue;
            if (row.Timestamp >= run.Cutoff) passOver(row, run.Context.Options.Grace);
            else old.Add(row);
        }

        if (old.Count == 0) return;
        await run.DemandWritableAsync(cancellationToken);
        await run.Context.Tables.DeleteUnchangedAsync(TableKeys.RegistryTable, old, cancellationToken);
    }
}
