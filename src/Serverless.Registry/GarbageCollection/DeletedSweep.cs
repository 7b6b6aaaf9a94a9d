using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// What was deleted within the last grace keeps what it names, so that the deletion can be undone; older remembrances go. It is read after the manifests: a deletion takes the one away
/// and writes the other in a batch, so whoever looks in this order sees one of them at least.
/// </summary>
internal sealed class DeletedSweep(CollectionRun run, RepositoryName repository, Action<TableRow, TimeSpan> passOver)
{
    private readonly List<TableRow> _old = [];

    /// <summary>Whether anything can be restored.</summary>
    public bool Any { get; private set; }

    /// <summary>Keeps in the graph what can be restored.</summary>
    /// <returns>Whether all of it could be read; what could not be is reported.</returns>
    public async Task<bool> KeepAsync(ManifestGraph graph, CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.DeletedPrefix) with { Select = DeletedRow.CollectorProperties };
        await foreach (var row in run.Context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            if (row.Timestamp < run.Cutoff)
            {
                _old.Add(row);
                continue;
            }

            passOver(row, run.Context.Options.Grace);
            Any = true;
            if (!await KeepAsync(graph, row, cancellationToken)) return false;
        }

        return true;
    }

    /// <summary>Drops what is too old to be restored.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (run.Options.DryRun || _old.Count == 0) return;
        await run.DemandWritableAsync(cancellationToken);
        await run.Context.Tables.DeleteUnchangedAsync(TableKeys.RegistryTable, _old, cancellationToken);
    }

    private async Task<bool> KeepAsync(ManifestGraph graph, TableRow row, CancellationToken cancellationToken)
    {
        if (DeletedRow.ReferenceOf(row).Digest is not { } digest)
        {
            graph.Keep(ManifestRow.TagDigest(row));
            return true;
        }

        // Its content is in a blob where it does not fit into the row, and the blob has the manifest's digest.
        graph.Keep(digest);
        if (await ReferencesAsync(row, digest, cancellationToken) is not { } references)
        {
            run.Report(new CollectedItem(CollectedKind.Skipped, repository, digest, Note: "the manifest was deleted, and cannot be read"));
            return false;
        }

        foreach (var reference in references) graph.Keep(reference);
        return true;
    }

    private async Task<IEnumerable<Digest>?> ReferencesAsync(TableRow row, Digest digest, CancellationToken cancellationToken)
    {
        if (ManifestRow.FindReferences(row) is { } references) return references;
        try
        {
            var payload = await new ManifestUndelete(run.Context, repository).ReadAsync(digest, cancellationToken);
            return payload?.References.Select(r => r.Digest);
        }
        catch (RegistryException)
        {
            return null;
        }
    }
}
