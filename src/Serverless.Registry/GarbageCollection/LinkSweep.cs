using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Takes away a repository's links to blobs that none of its live manifests names. Hints tell which links there are. For each: the digest is queued, so that a
/// crash forgets nothing; the link goes by its ETag while the blob is made young, for somebody may hold a signed URL; the hint goes last.
/// </summary>
internal sealed class LinkSweep(CollectionRun run, RepositoryName repository, Action<TableRow, TimeSpan> passOver)
{
    private const int MaxParallel = 16;

    private readonly ITableStore _tables = run.Context.Tables;
    private readonly Lock _lock = new();

    /// <param name="isNamed">Whether a live manifest names a blob.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(Func<Digest, bool> isNamed, CancellationToken cancellationToken)
    {
        List<TableRow> unused = [];
        var hints = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.HintPrefix);
        await foreach (var hint in _tables.ListAsync(TableKeys.RegistryTable, hints, cancellationToken))
        {
            if (isNamed(DigestOf(hint))) continue;
            if (hint.Timestamp >= run.Cutoff) passOver(hint, run.Context.Options.Grace);
            else unused.Add(hint);
            if (unused.Count < TableLimits.BatchCount) continue;
            await SweepAsync(unused, cancellationToken);
            unused.Clear();
        }

        if (unused.Count > 0) await SweepAsync(unused, cancellationToken);
    }

    private async Task SweepAsync(List<TableRow> hints, CancellationToken cancellationToken)
    {
        await run.DemandWritableAsync(cancellationToken);
        if (!run.Options.DryRun)
        {
            // The blob is made young in a moment, so it has no turn before a grace is over; nor has it if it was queued before.
            var due = run.Now + run.Context.Options.Grace;
            var queued = hints.Select(h => QueueEntry.Queue(TableKeys.QueuedDigest(DigestOf(h)), due)).GroupBy(w => w.Key.Partition);
            await Task.WhenAll(queued.Select(rows => _tables.WriteAsync(TableKeys.SystemTable, [.. rows], cancellationToken)));
        }

        var unlinked = new bool[hints.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, hints.Count, options, async (i, token) => unlinked[i] = await UnlinkAsync(DigestOf(hints[i]), token));
        if (run.Options.DryRun) return;
        await _tables.DeleteUnchangedAsync(TableKeys.RegistryTable, [.. hints.Where((_, i) => unlinked[i])], cancellationToken);
    }

    /// <returns>Whether there is no link any more.</returns>
    private async Task<bool> UnlinkAsync(Digest digest, CancellationToken cancellationToken)
    {
        var link = await new BlobLinks(run.Context).FindLinkAsync(repository, digest, cancellationToken);
        if (link is null) return true;
        if (link.Timestamp >= run.Cutoff)
        {
            lock (_lock) passOver(link, run.Context.Options.Grace);
            return false;
        }

        if (!run.Options.DryRun && !await DeleteAsync(link, digest, cancellationToken))
        {
            lock (_lock) passOver(link, run.Now - link.Timestamp + run.Context.Options.Grace);
            return false;
        }

        run.Report(new CollectedItem(CollectedKind.Link, repository, digest));
        return true;
    }

    private async Task<bool> DeleteAsync(TableRow link, Digest digest, CancellationToken cancellationToken)
    {
        var delete = new RowWrite.Delete(link.Key, link.ETag);
        var result = await _tables.WriteAsync(TableKeys.BlobsTable, [delete, new RowWrite.Touch(TableKeys.Blob(digest))], cancellationToken);
        // A link without its blob cannot come about, but should it be there, this is how to be rid of it.
        return result is { Outcome: WriteOutcome.NotFound, Failed: not 0 } ? (await _tables.WriteAsync(TableKeys.BlobsTable, delete, cancellationToken)).Done : result.Done;
    }

    private static Digest DigestOf(TableRow hint) => Digest.Parse(hint.Key.Row[TableKeys.HintPrefix.Length..]);
}
