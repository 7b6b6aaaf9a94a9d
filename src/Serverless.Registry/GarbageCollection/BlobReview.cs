using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Decides on one blob: without links, and old, it goes, its row first and its bytes only when the row is gone.
/// <code>
///   read ! and a link, after the queue row was read
///   the queue row names bytes, and ! other ones or none:   delete those bytes       a run has died, or storage did not answer
///   linked:                                                nothing to do
///   ! is young:                                            wait
///   else:  merge the bytes' name into the queue row, by its ETag
///          delete ! by its ETag                            412: somebody linked it; it lives
///          delete the bytes
///   the queue row goes last
/// </code>
/// So from the moment at which nothing else names the bytes, the queue row does.
/// </summary>
internal sealed class BlobReview(CollectionRun run, Digest digest)
{
    private readonly ITableStore _tables = run.Context.Tables;

    /// <param name="entry">The queue row that asked for this.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The queue row as it may be deleted; null when the blob has another turn.</returns>
    public async Task<TableRow?> RunAsync(QueueEntry entry, CancellationToken cancellationToken)
    {
        var (blob, linked) = await ReadAsync(cancellationToken);
        if (entry.Location is { } left && (blob is null || BlobLinks.LocationOf(blob) != left)) await DropAsync(left, 0, report: false, cancellationToken);
        if (!linked && blob is not null)
        {
            // Somebody may hold a signed URL, or be about to link it.
            if (blob.Timestamp >= run.Cutoff) return await WaitAsync(entry, blob.Timestamp + run.Context.Options.Grace, cancellationToken);
            if (await DeleteAsync(entry, blob, cancellationToken) is not { } done) return null;
            entry = done;
        }

        // Whoever queued it a moment ago relies on the row for ten minutes.
        return entry.Queued < run.Cutoff ? entry.Row : await WaitAsync(entry, run.NextTurn, cancellationToken);
    }

    private async Task<(TableRow? Blob, bool Linked)> ReadAsync(CancellationToken cancellationToken)
    {
        // The blob's row sorts before every link, so it is read first: a link that is made after that changes the row's ETag.
        TableRow? blob = null;
        await foreach (var row in _tables.ListAsync(TableKeys.BlobsTable, RowQuery.Prefix(digest.ToString(), "") with { PageSize = 2 }, cancellationToken))
        {
            if (row.Key.Row != TableKeys.BlobRow) return (blob, true);
            blob = row;
        }

        return (blob, false);
    }

    // What the row names is dealt with by now, or is a blob's.
    private async Task<TableRow?> WaitAsync(QueueEntry entry, DateTimeOffset due, CancellationToken cancellationToken)
    {
        if (run.Options.DryRun) return null;
        await (entry.Location is null ? entry.PostponeAsync(_tables, due, cancellationToken) : entry.PostponeAndClearAsync(_tables, due, cancellationToken));
        return null;
    }

    /// <returns>The queue row, with what it names by now; null when somebody has linked the blob meanwhile, or is about to: the queue row then brings it back.</returns>
    private async Task<QueueEntry?> DeleteAsync(QueueEntry entry, TableRow blob, CancellationToken cancellationToken)
    {
        var (location, size) = (BlobLinks.LocationOf(blob), new BlobLinks(run.Context).Read(digest, blob).Descriptor.Size);
        if (!run.Options.DryRun)
        {
            await run.DemandWritableAsync(cancellationToken);
            if (await entry.RecordAsync(_tables, location, cancellationToken) is not { } recorded) return null;
            entry = recorded;
            if (!(await _tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Delete(blob.Key, blob.ETag), cancellationToken)).Done)
            {
                // Another collector's deletion, or ours, whose answer was lost; or somebody's link. The bytes may go only if nothing names them.
                var now = await _tables.FindAsync(TableKeys.BlobsTable, blob.Key, cancellationToken);
                if (now is not null && BlobLinks.LocationOf(now) == location) return null;
            }
        }

        await DropAsync(location, size, report: true, cancellationToken);
        return entry;
    }

    private async Task DropAsync(string location, long size, bool report, CancellationToken cancellationToken)
    {
        if (!run.Options.DryRun)
        {
            await run.DemandWritableAsync(cancellationToken);
            await run.Context.Objects.DeleteAsync(location, null, cancellationToken);
        }

        if (report) run.Report(new CollectedItem(CollectedKind.Blob, null, digest, size));
    }
}
