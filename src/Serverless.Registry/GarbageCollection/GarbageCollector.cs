using Serverless.Registry.Oci;
using Serverless.Registry.Repositories;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Collects garbage while people push. There are no locks: nothing is deleted unless it is older than the grace and still as it was read.
/// <code>
///   somebody who uses a thing            the collector
///   ------------------------             -----------------------------------------------------------------------
///   queue the repository                 time of storage - grace = cutoff            before anything is read
///   touch what is relied on      |       read manifests, tags, hints, referrers      any failure: nothing is deleted
///   (new ETag, new Timestamp)    |       live = tagged, young, children of live indexes, referrers of live subjects
///   write what relies on it      |       dead manifests, parents first, by ETag      412: it lives, with all it names
///                                |       hints that no live manifest names, old:
///   touch the link     --either--+--or--   queue the digest, delete the link by ETag and touch !, delete the hint by ETag
///   (404: missing, nothing       |         a young link stays; a touched one answers 412
///    is written)                 |       the repository leaves the queue, by ETag, if nothing young was passed over
///                                |
///   link a blob: rewrites !  --either--+--or--  a queued digest: ! old and no links: delete ! by its ETag, then its bytes
///   in the same batch                     412: somebody linked it; the blob lives
/// </code>
/// Whoever relies on something touches it before writing what relies on it. So of a use and a deletion one fails: the deletion by its ETag, or the use because the
/// touched row is gone, and then nothing was written. A run may stop anywhere; the queue rows go last, so the next run finds what is left to do. Two runs at
/// once do each other's work twice, and no harm.
/// </summary>
public sealed class GarbageCollector
{
    private const int MaxParallel = 16;

    private readonly RegistryContext _context;

    internal GarbageCollector(RegistryContext context) => _context = context;

    /// <summary>Looks at the repositories and digests that were queued since the last run and are due, and deletes what is garbage.</summary>
    /// <param name="options">Choices.</param>
    /// <param name="report">Told of each thing that is deleted, or would be in a dry run, and of what could not be judged; may be null.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public async Task<CollectionSummary> CollectAsync(CollectionOptions options, Action<CollectedItem>? report, CancellationToken cancellationToken)
    {
        if (options.UntaggedAge < _context.Options.Grace) throw new ArgumentException("The age of untagged manifests must be at least the grace.", nameof(options));
        var started = _context.TimeProvider.GetTimestamp();
        var run = new CollectionRun(_context, options, await StorageClock.ReadAsync(_context.Tables, cancellationToken), report);
        run.Summary.Finished = await VisitRepositoriesAsync(run, started, cancellationToken) && await VisitBlobsAsync(run, started, cancellationToken);
        return run.Summary;
    }

    /// <returns>Whether the whole queue was seen within the time.</returns>
    private async Task<bool> VisitRepositoriesAsync(CollectionRun run, long started, CancellationToken cancellationToken)
    {
        if (run.Options.Repository is { } only)
        {
            await ReviewAsync(run, only, null, cancellationToken);
            return true;
        }

        await foreach (var row in _context.Tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.RepositoryQueuePartition, ""), cancellationToken))
        {
            if (IsOutOfTime(run, started)) return false;
            var entry = new QueueEntry(row);
            if (entry.Due is not null)
            {
                if (entry.IsDue(run.Now)) await ReviewAsync(run, TableKeys.Decode(row.Key.Row), entry, cancellationToken);
            }
            else if (!run.Options.DryRun)
            {
                // What was queued is left alone for a grace: what was deleted by mistake can be pushed again without its layers.
                await entry.PostponeAsync(_context.Tables, row.Timestamp + _context.Options.Grace, cancellationToken);
            }
        }

        return true;
    }

    /// <returns>Whether the whole queue was seen within the time.</returns>
    private async Task<bool> VisitBlobsAsync(CollectionRun run, long started, CancellationToken cancellationToken)
    {
        var due = _context.Tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.DigestQueuePartition, ""), cancellationToken)
            .Where(row => new QueueEntry(row).IsDue(run.Now));
        await foreach (var rows in due.Chunk(TableLimits.BatchCount).WithCancellation(cancellationToken))
        {
            if (IsOutOfTime(run, started)) return false;
            var entries = rows.Select(r => new QueueEntry(r)).ToArray();
            var done = new bool[rows.Length];
            var options = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, rows.Length, options, async (i, token) => done[i] = await ReviewBlobAsync(run, rows[i].Key.Row, entries[i], token));
            if (!run.Options.DryRun) await LeaveQueueAsync([.. entries.Where((_, i) => done[i]).Select(e => e.Removal)], cancellationToken);
        }

        return true;
    }

    private async Task<bool> ReviewBlobAsync(CollectionRun run, string digest, QueueEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            return await new BlobReview(run, Digest.Parse(digest)).RunAsync(entry, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            run.Report(new CollectedItem(CollectedKind.Skipped, null, Digest.TryParse(digest, null, out var parsed) ? parsed : null, Note: e.Message));
            if (!run.Options.DryRun) await entry.PostponeAsync(_context.Tables, run.NextTurn, cancellationToken);
            return false;
        }
    }

    private async Task LeaveQueueAsync(RowWrite[] removals, CancellationToken cancellationToken)
    {
        if (removals.Length == 0 || (await _context.Tables.WriteAsync(TableKeys.SystemTable, removals, cancellationToken)).Done) return;
        // One of them was queued again meanwhile; the others can go one by one.
        foreach (var removal in removals) await _context.Tables.WriteAsync(TableKeys.SystemTable, removal, cancellationToken);
    }

    private bool IsOutOfTime(CollectionRun run, long started) => _context.TimeProvider.GetElapsedTime(started) > run.Options.TimeBudget;

    // As with blobs: failures of storage end the run, but a row that makes no sense is that repository's trouble alone. Nothing in it is deleted, and the others have
    // their turn.
    private async Task ReviewAsync(CollectionRun run, RepositoryName repository, QueueEntry? entry, CancellationToken cancellationToken)
    {
        try
        {
            await new RepositoryReview(run, repository).RunAsync(entry, cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            run.Report(new CollectedItem(CollectedKind.Skipped, repository, null, Note: e.Message));
            if (entry is not null && !run.Options.DryRun) await entry.PostponeAsync(_context.Tables, run.NextTurn, cancellationToken);
        }
    }
}
