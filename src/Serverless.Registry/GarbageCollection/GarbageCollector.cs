using System.Runtime.ExceptionServices;
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
/// <para>
/// Repositories and blobs are two walks, each of many at a time and each with a place of its own at which the next run goes on. Repositories have six tenths of a run's time, then
/// blobs have the rest, and what they leave is the repositories' again.
/// </para>
/// </summary>
public sealed class GarbageCollector
{
    private const double ShareOfRepositories = 0.6;
    private const int BlobsInGroup = TableLimits.BatchCount;

    private readonly RegistryContext _context;

    internal GarbageCollector(RegistryContext context) => _context = context;

    /// <summary>Looks at the repositories and digests that were queued since the last run and are due, and deletes what is garbage.</summary>
    /// <param name="options">Choices.</param>
    /// <param name="report">Told of each thing that is deleted, or would be in a dry run, and of what could not be judged, one at a time; may be null.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public Task<CollectionSummary> CollectAsync(CollectionOptions options, Action<CollectedItem>? report, CancellationToken cancellationToken) =>
        CollectAsync(options, report, null, cancellationToken);

    /// <summary>As the other overload, from where an earlier run was cut off.</summary>
    /// <param name="options">Choices.</param>
    /// <param name="report">Told of each thing that is deleted, or would be in a dry run, and of what could not be judged, one at a time; may be null.</param>
    /// <param name="cursor">Where to go on, and who is told how far it has come; null begins at the beginning and tells nobody.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    public async Task<CollectionSummary> CollectAsync(CollectionOptions options, Action<CollectedItem>? report, WalkCursor? cursor, CancellationToken cancellationToken)
    {
        if (options.UntaggedAge < _context.Options.Grace) throw new ArgumentException("The age of untagged manifests must be at least the grace.", nameof(options));
        if (options.UploadAge < _context.Options.Grace) throw new ArgumentException("The age of uploads must be at least the grace.", nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxParallel, 1, nameof(options));
        var run = new CollectionRun(_context, options, (await _context.Shared.ReadAsync(cancellationToken)).Time, report);
        run.Summary.Finished = options.DryRun ? await LookAsync(run, cancellationToken) : await CollectAsync(run, cursor, cancellationToken);
        // Where nothing at all could be looked at the trouble is not this or that repository's.
        if (run.Summary is { Succeeded: false, LastFailure: { } failure }) ExceptionDispatchInfo.Throw(failure);
        return run.Summary;
    }

    /// <returns>Whether both queues were seen to their ends within the time.</returns>
    private async Task<bool> CollectAsync(CollectionRun run, WalkCursor? cursor, CancellationToken cancellationToken)
    {
        var place = CollectionCursor.Parse(cursor?.From);
        var repositories = new QueueWalk(run, TableKeys.RepositoryQueue, (key, token) => ReachAsync(place with { Repositories = key }, token));
        var blobs = new QueueWalk(run, TableKeys.DigestQueue, (key, token) => ReachAsync(place with { Blobs = key }, token));
        var finished = true;
        if (run.Options.Repository is { } only)
        {
            await ReviewAsync(run, only, null, cancellationToken);
        }
        else
        {
            await new PolicyChange(run).QueueAllAsync(place.Policy, (name, token) => ReachAsync(place with { Policy = name }, token), cancellationToken);
            place = place with { Policy = null };
            finished = await VisitRepositoriesAsync(run, repositories, place.Repositories, ShareOfRepositories, cancellationToken);
            if (finished) await ReachAsync(place with { Repositories = null }, cancellationToken);
        }

        var blobsFinished = await VisitBlobsAsync(run, blobs, place.Blobs, cancellationToken);
        if (blobsFinished) await ReachAsync(place with { Blobs = null }, cancellationToken);
        if (!finished && blobsFinished) finished = await VisitRepositoriesAsync(run, repositories, place.Repositories, 1, cancellationToken);
        return finished && blobsFinished;

        Task ReachAsync(CollectionCursor reached, CancellationToken token)
        {
            place = reached;
            return cursor is null ? Task.CompletedTask : cursor.ReachedAsync(reached.ToString(), token);
        }
    }

    /// <summary>A dry run: what a run would do now.</summary>
    private async Task<bool> LookAsync(CollectionRun run, CancellationToken cancellationToken)
    {
        var everything = run.Options.Repository is null && await new PolicyChange(run).IsNewAsync(cancellationToken);
        if (everything)
        {
            await foreach (var name in _context.Catalog.ListAsync(null, cancellationToken)) await ReviewAsync(run, name, null, cancellationToken);
        }

        // Repositories that are queued and not in the catalog have something to collect too.
        if (run.Options.Repository is { } only)
        {
            await ReviewAsync(run, only, null, cancellationToken);
        }
        else
        {
            var walk = new QueueWalk(run, TableKeys.RepositoryQueue, NobodyAsync);
            await walk.RunAsync(null, 1, 1, async (row, token) => !(everything && await IsListedAsync(row, token)) && await IsDueAsync(run, row, token), (rows, token) => VisitAsync(run, rows[0], token), cancellationToken);
        }

        return await VisitBlobsAsync(run, new QueueWalk(run, TableKeys.DigestQueue, NobodyAsync), null, cancellationToken);

        static Task NobodyAsync(string place, CancellationToken token) => Task.CompletedTask;
    }

    private async Task<bool> IsListedAsync(TableRow row, CancellationToken cancellationToken) =>
        TableKeys.TryDecode(row.Key.Row, out var name) && await _context.Catalog.ContainsAsync(name, cancellationToken);

    private Task<bool> VisitRepositoriesAsync(CollectionRun run, QueueWalk walk, string? from, double share, CancellationToken cancellationToken) =>
        walk.RunAsync(from, share, 1, (row, token) => IsDueAsync(run, row, token), (rows, token) => VisitAsync(run, rows[0], token), cancellationToken);

    /// <summary>Whether a repository has its turn. One that is seen for the first time gets its due time.</summary>
    private async Task<bool> IsDueAsync(CollectionRun run, TableRow row, CancellationToken cancellationToken)
    {
        if (Read(run, row) is not { } entry) return false;
        // What was queued is left alone for a grace: what was deleted by mistake can be pushed again without its layers.
        var due = entry.Due ?? row.Timestamp + _context.Options.Grace;
        if (due <= run.Now) return true;
        if (entry.Due is not null || run.Options.DryRun) return false;
        await run.TryAsync(async () =>
        {
            await run.DemandWritableAsync(cancellationToken);
            await entry.SetDueAsync(_context.Tables, due, cancellationToken);
        }, reason => OfRow(row, reason), cancellationToken);
        return false;
    }

    /// <returns>What a row of the queue says; null when it makes no sense, which is reported.</returns>
    private static QueueEntry? Read(CollectionRun run, TableRow row)
    {
        try
        {
            return new QueueEntry(row);
        }
        catch (FormatException e)
        {
            run.Report(OfRow(row, e.Message));
            return null;
        }
    }

    private async Task VisitAsync(CollectionRun run, TableRow row, CancellationToken cancellationToken)
    {
        if (TableKeys.TryDecode(row.Key.Row, out var name)) await ReviewAsync(run, name, new QueueEntry(row), cancellationToken);
        else run.Report(OfRow(row, "it is of no repository"));
    }

    private async Task ReviewAsync(CollectionRun run, RepositoryName repository, QueueEntry? entry, CancellationToken cancellationToken)
    {
        var makesSense = await run.TryAsync(async () =>
        {
            await run.AdmitAsync(cancellationToken);
            await new RepositoryReview(run, repository).RunAsync(entry, cancellationToken);
        }, reason => new CollectedItem(CollectedKind.Skipped, repository, null, Note: reason), cancellationToken);
        if (!makesSense && entry is not null) await PostponeAsync(run, entry, cancellationToken);
    }

    private Task<bool> VisitBlobsAsync(CollectionRun run, QueueWalk walk, string? from, CancellationToken cancellationToken) => walk.RunAsync(
        from,
        1,
        BlobsInGroup,
        (row, _) => Task.FromResult(Read(run, row)?.IsDue(run.Now) == true),
        (rows, token) => VisitBlobsAsync(run, rows, token),
        cancellationToken);

    private async Task VisitBlobsAsync(CollectionRun run, IReadOnlyList<TableRow> rows, CancellationToken cancellationToken)
    {
        await run.TryAsync(async () =>
        {
            await run.AdmitAsync(cancellationToken);
            var done = await Task.WhenAll(rows.Select(row => run.Blobs.RunAsync(() => ReviewBlobAsync(run, row, cancellationToken), cancellationToken)));
            if (!run.Options.DryRun) await _context.Tables.DeleteUnchangedAsync(TableKeys.SystemTable, [.. done.OfType<TableRow>()], cancellationToken);
        }, reason => OfRow(rows[0], reason), cancellationToken);
    }

    /// <returns>The queue row, as it may be deleted; null when the blob has another turn.</returns>
    private async Task<TableRow?> ReviewBlobAsync(CollectionRun run, TableRow row, CancellationToken cancellationToken)
    {
        TableRow? done = null;
        var makesSense = await run.TryAsync(
            async () => done = await new BlobReview(run, Digest.Parse(row.Key.Row)).RunAsync(new QueueEntry(row), cancellationToken),
            reason => Digest.TryParse(row.Key.Row, out var digest) ? new CollectedItem(CollectedKind.Skipped, null, digest, Note: reason) : OfRow(row, reason),
            cancellationToken);
        if (!makesSense) await PostponeAsync(run, new QueueEntry(row), cancellationToken);
        return done;
    }

    private async Task PostponeAsync(CollectionRun run, QueueEntry entry, CancellationToken cancellationToken)
    {
        if (run.Options.DryRun) return;
        await run.TryAsync(() => entry.PostponeAsync(_context.Tables, run.NextTurn, cancellationToken), reason => OfRow(entry.Row, reason), cancellationToken);
    }

    // Nobody can tell what the row is of. It stays, for somebody to look at.
    private static CollectedItem OfRow(TableRow row, string reason) => new(CollectedKind.Skipped, null, null, Note: $"the row {row.Key.Row} of the queue: {reason}");
}
