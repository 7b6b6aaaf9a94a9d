using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Takes away a repository's links to blobs that none of its live manifests names. Hints tell which links there are. For each: the digest is queued, so that a
/// crash forgets nothing; the link goes by its ETag while the blob is made young, for somebody may hold a signed URL; the hint goes last.
/// </summary>
internal sealed class LinkSweep(CollectionRun run, RepositoryName repository, UsageCount usage, Action<TableRow, TimeSpan> passOver)
{
    private const int MaxParallel = 16;

    private readonly ITableStore _tables = run.Context.Tables;
    private readonly Lock _lock = new();

    /// <param name="isNamed">Whether a live manifest names a blob.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(Func<Digest, bool> isNamed, CancellationToken cancellationToken)
    {
        List<TableRow> unused = [];
        await usage.BeginAsync(cancellationToken);
        var hints = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.HintPrefix);
        await foreach (var hint in _tables.ListAsync(TableKeys.RegistryTable, hints, cancellationToken))
        {
            var digest = DigestOf(hint);
            usage.Add(digest, hint);
            if (isNamed(digest)) continue;
            if (hint.Timestamp >= run.Cutoff) passOver(hint, run.Context.Options.Grace);
            else unused.Add(hint);
            if (unused.Count < TableLimits.BatchCount) continue;
            await SweepAsync(unused, cancellationToken);
            unused.Clear();
        }

        if (unused.Count > 0) await SweepAsync(unused, cancellationToken);
        await usage.EndAsync(cancellationToken);
    }

    private async Task SweepAsync(List<TableRow> hints, CancellationToken cancellationToken)
    {
        await run.DemandWritableAsync(cancellationToken);
        if (!run.Options.DryRun)
        {
            // The blob is made young in a moment, so it has no turn before a grace is over; nor has it if it was queued before.
            var due = run.Now + run.Context.Options.Grace;
            await QueueEntry.QueueAsync(_tables, hints.Select(h => TableKeys.QueuedDigest(DigestOf(h))), due, cancellationToken);
        }

        var unlinked = new bool[hints.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, hints.Count, options, async (i, token) => unlinked[i] = await UnlinkAsync(DigestOf(hints[i]), token));
        if (run.Options.DryRun) return;
        foreach (var hint in hints.Where((_, i) => unlinked[i])) usage.Remove(hint);
        await _tables.DeleteUnchangedAsync(TableKeys.RegistryTable, [.. hints.Where((_, i) => unlinked[i])], cancellationToken);
    }

    /// <returns>Whether there is no link any more.</returns>
    private async Task<bool> UnlinkAsync(Digest digest, CancellationToken cancellationToken)
    {
        var links = new BlobLinks(run.Context);
        var link = await links.FindLinkAsync(repository, digest, cancellationToken);
        if (link is null) return true;
        if (link.Timestamp >= run.Cutoff)
        {
            lock (_lock) passOver(link, run.Context.Options.Grace);
            return false;
        }

        if (!run.Options.DryRun && !await links.UnlinkAsync(link.Key, link.ETag, cancellationToken))
        {
            lock (_lock) passOver(link, run.Now - link.Timestamp + run.Context.Options.Grace);
            return false;
        }

        run.Report(new CollectedItem(CollectedKind.Link, repository, digest));
        return true;
    }

    /// <summary>The blob that a hint is of.</summary>
    public static Digest DigestOf(TableRow hint) => Digest.Parse(hint.Key.Row[TableKeys.HintPrefix.Length..]);
}
