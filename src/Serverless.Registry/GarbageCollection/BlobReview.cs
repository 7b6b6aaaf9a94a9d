using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>Decides on one blob: without links, and old, it goes, its row first and its bytes only when the row is gone.</summary>
internal sealed class BlobReview(CollectionRun run, Digest digest)
{
    private readonly ITableStore _tables = run.Context.Tables;

    /// <param name="entry">The queue row that asked for this.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the blob may leave the queue; otherwise it has another turn.</returns>
    public async Task<bool> RunAsync(QueueEntry entry, CancellationToken cancellationToken)
    {
        // The blob's row sorts before every link, so it is read first: a link that is made after that changes the row's ETag.
        TableRow? blob = null;
        var linked = false;
        await foreach (var row in _tables.ListAsync(TableKeys.BlobsTable, RowQuery.Prefix(digest.ToString(), "") with { PageSize = 2 }, cancellationToken))
        {
            linked = row.Key.Row != TableKeys.BlobRow;
            if (linked) break;
            blob = row;
        }

        if (!linked && blob is not null)
        {
            // Somebody may hold a signed URL, or be about to link it.
            if (blob.Timestamp >= run.Cutoff) return await WaitAsync(entry, blob.Timestamp + run.Context.Options.Grace, cancellationToken);
            if (!await DeleteAsync(blob, cancellationToken)) return false;
        }

        // Whoever queued it a moment ago relies on the row for ten minutes.
        return entry.Queued < run.Cutoff || await WaitAsync(entry, run.NextTurn, cancellationToken);
    }

    private async Task<bool> WaitAsync(QueueEntry entry, DateTimeOffset due, CancellationToken cancellationToken)
    {
        if (!run.Options.DryRun) await entry.PostponeAsync(_tables, due, cancellationToken);
        return false;
    }

    /// <returns>False when somebody has linked the blob meanwhile, or is about to; the queue row then brings it back.</returns>
    private async Task<bool> DeleteAsync(TableRow blob, CancellationToken cancellationToken)
    {
        var found = new BlobLinks(run.Context).Read(digest, blob);
        if (run.Options.DryRun)
        {
            run.Report(new CollectedItem(CollectedKind.Blob, null, digest, found.Descriptor.Size));
            return true;
        }

        await run.DemandWritableAsync(cancellationToken);
        if (!(await _tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Delete(blob.Key, blob.ETag), cancellationToken)).Done)
        {
            // Another collector's deletion, or ours, whose answer was lost; or somebody's link. The bytes may go only if nothing names them.
            var now = await _tables.FindAsync(TableKeys.BlobsTable, blob.Key, cancellationToken);
            if (now is not null && BlobLinks.LocationOf(now) == BlobLinks.LocationOf(blob)) return false;
        }

        await run.Context.Objects.DeleteAsync(BlobLinks.LocationOf(blob), null, cancellationToken);
        run.Report(new CollectedItem(CollectedKind.Blob, null, digest, found.Descriptor.Size));
        return true;
    }
}
