using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>Marks what is live in one repository, and deletes the rest of what is old.</summary>
internal sealed class RepositoryReview(CollectionRun run, RepositoryName repository)
{
    private static readonly ChangeOrigin s_origin = ChangeOrigin.Of("garbage collection");

    private readonly ITableStore _tables = run.Context.Tables;
    private readonly Dictionary<string, int> _tags = new(StringComparer.Ordinal);

    // When the youngest thing that was passed over for its age will be old, and when the first of the manifests without tags will be.
    private DateTimeOffset? _again;
    private DateTimeOffset? _ageing;

    /// <param name="entry">The queue row that asked for this; null when nobody queued the repository.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(QueueEntry? entry, CancellationToken cancellationToken)
    {
        run.Reviewed();
        var catalog = await _tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(repository), cancellationToken);
        using var size = new RepositorySize(run);
        var deleted = new DeletedSweep(run, repository, PassOver);
        if (await ReadGraphAsync(size, deleted, cancellationToken) is not { } graph)
        {
            // Nobody knows what a manifest names that cannot be read, so everything may be in use. It is reported, and looked at again.
            if (entry is not null && !run.Options.DryRun) await entry.PostponeAsync(_tables, run.NextTurn, cancellationToken);
            return;
        }

        var dead = await DeleteManifestsAsync(graph, cancellationToken);
        await new LinkSweep(run, repository, new UsageCount(run, repository), PassOver).RunAsync(graph.IsNamed, cancellationToken);
        var isEmpty = graph.Count == dead && !deleted.Any;
        await new PullSweep(run, repository, PassOver).RunAsync(name => _tags.ContainsKey(name) || (Digest.TryParse(name, out var digest) && graph.IsLive(digest)), isEmpty, cancellationToken);
        await new PointerSweep(run, repository, PassOver).RunAsync(_tags, graph, cancellationToken);
        await deleted.RunAsync(cancellationToken);
        await new UploadSweep(run, repository, PassOver).RunAsync(cancellationToken);
        if (graph.Count == dead && catalog is not null) await LeaveCatalogAsync(catalog, cancellationToken);
        if (entry is not null && !run.Options.DryRun) await LeaveQueueAsync(entry, cancellationToken);
    }

    private void PassOver(TableRow row, TimeSpan age)
    {
        var old = row.Timestamp + age;
        if (_again is null || old > _again) _again = old;
    }

    private async Task<ManifestGraph?> ReadGraphAsync(RepositorySize size, DeletedSweep deleted, CancellationToken cancellationToken)
    {
        // Those that are live in themselves, until all that they lead to is known.
        var young = new ChunkedList<int>();
        var keptFor = run.Context.Options.FindMirror(repository)?.KeptFor;
        var graph = await new ManifestReader(run, repository).ReadAsync((number, row) =>
        {
            // What nobody pulls any more of a mirror goes: it is still at its source. Pulls touch it.
            var (deleteUntagged, untaggedAge) = keptFor is { } kept && ManifestRow.IsMirrored(row) ? (true, kept) : (run.Options.DeleteUntagged, run.Options.UntaggedAge);
            var isYoung = row.Timestamp >= run.Now - untaggedAge;
            if (!deleteUntagged || isYoung) young.Add(number);
            if (deleteUntagged && isYoung) Age(row.Timestamp + untaggedAge);
            return size.GrowAsync(number + 1, cancellationToken);
        }, cancellationToken);
        if (graph is null) return null;
        for (var i = 0; i < young.Count; i++) graph.Revive(young[i]);
        foreach (var digest in (await run.Context.GetImmutabilityAsync(repository, cancellationToken)).Manifests) graph.Revive(digest);
        if (!await deleted.KeepAsync(graph, cancellationToken)) return null;

        // Tags are read after the manifests: whoever points a tag at one of them rewrites its row, and its deletion fails.
        var tags = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.TagPrefix) with { Select = [ManifestRow.DigestProperty] };
        await foreach (var tag in _tables.ListAsync(TableKeys.RegistryTable, tags, cancellationToken))
        {
            var digest = ManifestRow.TagDigest(tag);
            graph.Revive(digest);
            _tags[tag.Key.Row[TableKeys.TagPrefix.Length..]] = graph.NumberOf(digest);
        }

        return graph;
    }

    private void Age(DateTimeOffset old)
    {
        if (_ageing is null || old < _ageing) _ageing = old;
    }

    /// <returns>How many went.</returns>
    private async Task<int> DeleteManifestsAsync(ManifestGraph graph, CancellationToken cancellationToken)
    {
        var (count, dead) = (0, graph.DeadParentsFirst());
        for (var i = 0; i < dead.Count; i++)
        {
            // Revived with a parent that somebody touched.
            if (graph.IsLive(dead[i])) continue;
            await run.DemandWritableAsync(cancellationToken);
            if (run.Options.DryRun || await DeleteAsync(graph, dead[i], cancellationToken))
            {
                count++;
                run.Report(new CollectedItem(CollectedKind.Manifest, repository, graph.DigestOf(dead[i])));
            }
            else
            {
                // Somebody relies on it: on all that it names too.
                graph.Revive(dead[i]);
                _again = run.Now + run.Context.Options.Grace;
            }
        }

        return count;
    }

    private async Task<bool> DeleteAsync(ManifestGraph graph, int manifest, CancellationToken cancellationToken)
    {
        var digest = graph.DigestOf(manifest);
        var delete = new RowWrite.Delete(TableKeys.Manifest(repository, digest), graph.VersionOf(manifest));
        var referrer = graph.SubjectOf(manifest) is { } subject
            ? await _tables.FindAsync(TableKeys.RegistryTable, TableKeys.Referrer(repository, subject, digest), cancellationToken)
            : null;
        var events = await run.Context.Outbox.PrepareAsync(new RegistryChange(EventAction.Delete, repository) { Digest = digest }, s_origin, cancellationToken);
        List<RowWrite> batch = [delete, .. events.Inserts];
        if (referrer is not null) batch.Add(new RowWrite.Delete(referrer.Key, referrer.ETag));
        // A single change is a smaller request than a batch of one.
        var outcome = batch.Count == 1
            ? (await _tables.WriteAsync(TableKeys.RegistryTable, delete, cancellationToken)).Outcome
            : (await _tables.WriteAsync(TableKeys.RegistryTable, batch, cancellationToken)).Outcome;
        // Gone: the answer to a first try may have been lost.
        if (outcome is WriteOutcome.Done or WriteOutcome.NotFound) events.Raise();
        return outcome == WriteOutcome.Done;
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
        if (_again > run.NextTurn) _again = run.NextTurn;
        // Not each of many manifests has a review to itself.
        if (_ageing is { } ageing && !(_again < ageing)) _again = Latest(ageing, run.Now + (run.Context.Options.Grace / 24));
        if (_again is { } again) await entry.PostponeAsync(_tables, again, cancellationToken);
        else await entry.RemoveAsync(_tables, cancellationToken);
    }

    private static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
