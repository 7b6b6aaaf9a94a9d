using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>Marks what is live in one repository, and deletes the rest of what is old.</summary>
internal sealed class RepositoryReview(CollectionRun run, RepositoryName repository)
{
    private readonly ITableStore _tables = run.Context.Tables;
    private readonly HashSet<string> _tags = new(StringComparer.Ordinal);

    // When the youngest thing that was passed over for its age will be old.
    private DateTimeOffset? _again;

    /// <param name="entry">The queue row that asked for this; null when nobody queued the repository.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(QueueEntry? entry, CancellationToken cancellationToken)
    {
        run.Summary.Reviewed++;
        var catalog = await _tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(repository), cancellationToken);
        if (await ReadGraphAsync(cancellationToken) is not { } graph)
        {
            // Nobody knows what a manifest names that cannot be read, so everything may be in use. It is reported, and looked at again.
            if (entry is not null && !run.Options.DryRun) await entry.PostponeAsync(_tables, run.NextTurn, cancellationToken);
            return;
        }

        var dead = await DeleteManifestsAsync(graph, cancellationToken);
        await new LinkSweep(run, repository, PassOver).RunAsync(graph.Named(), cancellationToken);
        await new PullSweep(run, repository, PassOver).RunAsync(name => _tags.Contains(name) || (Digest.TryParse(name, out var digest) && graph.IsLive(digest)), graph.Count == dead, cancellationToken);
        await PassOverUploadsAsync(cancellationToken);
        if (graph.Count == dead && catalog is not null) await LeaveCatalogAsync(catalog, cancellationToken);
        if (entry is not null && !run.Options.DryRun) await LeaveQueueAsync(entry, cancellationToken);
    }

    private void PassOver(TableRow row, TimeSpan age)
    {
        var old = row.Timestamp + age;
        if (_again is null || old > _again) _again = old;
    }

    private async Task<ManifestGraph?> ReadGraphAsync(CancellationToken cancellationToken)
    {
        var reader = new ManifestReader(run, repository);
        var nodes = await reader.ReadAsync(cancellationToken);
        if (nodes is null) return null;
        var graph = new ManifestGraph(nodes);
        var untaggedCutoff = run.Now - run.Options.UntaggedAge;
        foreach (var node in nodes)
        {
            var young = node.Row.Timestamp >= untaggedCutoff;
            if (!run.Options.DeleteUntagged || young) graph.Revive(node.Digest);
            if (run.Options.DeleteUntagged && young) PassOver(node.Row, run.Options.UntaggedAge);
        }

        // Tags are read after the manifests: whoever points a tag at one of them rewrites its row, and its deletion fails.
        var tags = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.TagPrefix) with { Select = [ManifestRow.DigestProperty] };
        await foreach (var tag in _tables.ListAsync(TableKeys.RegistryTable, tags, cancellationToken))
        {
            graph.Revive(ManifestRow.TagDigest(tag));
            _tags.Add(tag.Key.Row[TableKeys.TagPrefix.Length..]);
        }

        return graph;
    }

    // They are purged by age, and found by this queue.
    private async Task PassOverUploadsAsync(CancellationToken cancellationToken)
    {
        var uploads = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.UploadPrefix) with { Select = [], PageSize = 1 };
        await foreach (var upload in _tables.ListAsync(TableKeys.RegistryTable, uploads, cancellationToken))
        {
            PassOver(upload, run.Context.Options.Grace);
            return;
        }
    }

    /// <returns>How many went.</returns>
    private async Task<int> DeleteManifestsAsync(ManifestGraph graph, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var node in graph.DeadParentsFirst())
        {
            // Revived with a parent that somebody touched.
            if (graph.IsLive(node.Digest)) continue;
            await run.DemandWritableAsync(cancellationToken);
            if (run.Options.DryRun || await DeleteAsync(node, cancellationToken))
            {
                count++;
                run.Report(new CollectedItem(CollectedKind.Manifest, repository, node.Digest));
            }
            else
            {
                // Somebody relies on it: on all that it names too.
                graph.Revive(node.Digest);
                _again = run.Now + run.Context.Options.Grace;
            }
        }

        return count;
    }

    private async Task<bool> DeleteAsync(ManifestNode node, CancellationToken cancellationToken)
    {
        var delete = new RowWrite.Delete(node.Row.Key, node.Row.ETag);
        var referrer = node.Subject is { } subject
            ? await _tables.FindAsync(TableKeys.RegistryTable, TableKeys.Referrer(repository, subject, node.Digest), cancellationToken)
            : null;
        if (referrer is null) return (await _tables.WriteAsync(TableKeys.RegistryTable, delete, cancellationToken)).Done;
        RowWrite[] batch = [delete, new RowWrite.Delete(referrer.Key, referrer.ETag)];
        return (await _tables.WriteAsync(TableKeys.RegistryTable, batch, cancellationToken)).Done;
    }

    // By the ETag read before the manifests: whoever announced a push since then keeps the row, and whoever announced one before has had a grace to make it.
    private async Task LeaveCatalogAsync(TableRow catalog, CancellationToken cancellationToken)
    {
        if (catalog.Timestamp >= run.Cutoff)
        {
            PassOver(catalog, run.Context.Options.Grace);
            return;
        }

        if (!run.Options.DryRun)
        {
            await run.DemandWritableAsync(cancellationToken);
            if (!(await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(catalog.Key, catalog.ETag), cancellationToken)).Done) return;
            run.Context.Announcements.ForgetRepository(repository);
        }

        run.Report(new CollectedItem(CollectedKind.Repository, repository, null));
    }

    private async Task LeaveQueueAsync(QueueEntry entry, CancellationToken cancellationToken)
    {
        // Whoever queued it relies on the row for ten minutes, and what was queued then is to be looked at when it is old.
        if (entry.Queued >= run.Cutoff) _again = run.NextTurn;
        // What must be older than a grace to go shall not keep the rest waiting for so long.
        if (_again is { } again) await entry.PostponeAsync(_tables, again < run.NextTurn ? again : run.NextTurn, cancellationToken);
        else await entry.RemoveAsync(_tables, cancellationToken);
    }
}
