using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
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
            await run.DemandWritableAsync(cancellationToken);
            await VisitAsync(run, row, cancellationToken);
        }

        return true;
    }

    private async Task VisitAsync(CollectionRun run, TableRow row, CancellationToken cancellationToken)
    {
        try
        {
            var entry = new QueueEntry(row);
            // What was queued is left alone for a grace: what was deleted by mistake can be pushed again without its layers.
            var due = entry.Due ?? row.Timestamp + _context.Options.Grace;
            if (due <= run.Now) await ReviewAsync(run, TableKeys.Decode(row.Key.Row), entry, cancellationToken);
            else if (entry.Due is null && !run.Options.DryRun) await entry.SetDueAsync(_context.Tables, due, cancellationToken);
        }
        catch (Exception e) when (MakesNoSense(e))
        {
            PassOver(run, row, e);
        }
    }

    /// <returns>Whether the whole queue was seen within the time.</returns>
    private async Task<bool> VisitBlobsAsync(CollectionRun run, long started, CancellationToken cancellationToken)
    {
        var due = _context.Tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.DigestQueuePartition, ""), cancellationToken)
            .Where(row => IsDue(run, row));
        await foreach (var rows in due.Chunk(TableLimits.BatchCount).WithCancellation(cancellationToken))
        {
            if (IsOutOfTime(run, started)) return false;
            await run.DemandWritableAsync(cancellationToken);
            var done = new bool[rows.Length];
            var options = new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken };
            await Parallel.ForAsync(0, rows.Length, options, async (i, token) => done[i] = await ReviewBlobAsync(run, rows[i], token));
            if (!run.Options.DryRun) await _context.Tables.DeleteUnchangedAsync(TableKeys.SystemTable, [.. rows.Where((_, i) => done[i])], cancellationToken);
        }

        return true;
    }

    private static bool IsDue(CollectionRun run, TableRow row)
    {
        try
        {
            return new QueueEntry(row).IsDue(run.Now);
        }
        catch (Exception e) when (MakesNoSense(e))
        {
            PassOver(run, row, e);
            return false;
        }
    }

    // Nobody can tell what the row is of. It stays, for somebody to look at.
    private static void PassOver(CollectionRun run, TableRow row, Exception reason) =>
        run.Report(new CollectedItem(CollectedKind.Skipped, null, null, Note: $"the row {row.Key.Row} of the queue: {reason.Message}"));

    /// <returns>Whether the blob may leave the queue.</returns>
    private async Task<bool> ReviewBlobAsync(CollectionRun run, TableRow row, CancellationToken cancellationToken)
    {
        var entry = new QueueEntry(row);
        try
        {
            return await new BlobReview(run, Digest.Parse(row.Key.Row)).RunAsync(entry, cancellationToken);
        }
        catch (Exception e) when (MakesNoSense(e))
        {
            await SkipAsync(run, null, Digest.TryParse(row.Key.Row, null, out var digest) ? digest : null, entry, e, cancellationToken);
            return false;
        }
    }

    private async Task ReviewAsync(CollectionRun run, RepositoryName repository, QueueEntry? entry, CancellationToken cancellationToken)
    {
        try
        {
            await new RepositoryReview(run, repository).RunAsync(entry, cancellationToken);
        }
        catch (Exception e) when (MakesNoSense(e))
        {
            await SkipAsync(run, repository, null, entry, e, cancellationToken);
        }
    }

    // Failures of storage end the run. A row that makes no sense is the trouble of that one repository or blob: nothing of it is deleted, and the others have
    // their turn.
    private static bool MakesNoSense(Exception exception) => exception is InvalidDataException or FormatException;

    private async Task SkipAsync(
        CollectionRun run, RepositoryName? repository, Digest? digest, QueueEntry? entry, Exception reason, CancellationToken cancellationToken)
    {
        run.Report(new CollectedItem(CollectedKind.Skipped, repository, digest, Note: reason.Message));
        if (entry is not null && !run.Options.DryRun) await entry.PostponeAsync(_context.Tables, run.NextTurn, cancellationToken);
    }

    private bool IsOutOfTime(CollectionRun run, long started) => _context.TimeProvider.GetElapsedTime(started) > run.Options.TimeBudget;
}
