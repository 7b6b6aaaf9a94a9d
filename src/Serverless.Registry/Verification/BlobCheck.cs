using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>Compares the rows of blobs with the bytes of a pass and, in the first pass, links with their blobs.</summary>
/// <param name="run">The run.</param>
/// <param name="objects">The bytes.</param>
/// <param name="links">Where to put the links; null when it is not the first pass.</param>
internal sealed class BlobCheck(VerifyRun run, ObjectInventory objects, LinkSet? links)
{
    private readonly BlobLinks _rows = new(run.Context);
    private readonly LostBlobs _lost = new(run);
    private readonly VerifyPart _part = links is null ? VerifyPart.Objects : VerifyPart.Blobs;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WalkAsync(cancellationToken);
            await _lost.SearchAsync(cancellationToken);
        }
        finally
        {
            _lost.TellRest();
        }
    }

    private async Task WalkAsync(CancellationToken cancellationToken)
    {
        (TableRow? Row, Entry? Entry) blob = default;
        string? partition = null;
        await foreach (var row in run.Context.Tables.ListAsync(TableKeys.BlobsTable, RowQuery.Prefix(null, ""), cancellationToken))
        {
            if (row.Key.Partition != partition)
            {
                if (partition is not null) await run.ReachAsync(_part, partition, cancellationToken);
                partition = row.Key.Partition;
            }

            var entry = run.Read(row, Read, again: links is null);
            // A blob's own row sorts before the links to it.
            if (row.Key.Row == TableKeys.BlobRow)
            {
                blob = (row, entry);
                await AddBlobAsync(row.Key, entry, cancellationToken);
                if (_lost.IsFull) await _lost.SearchAsync(cancellationToken);
            }
            else if (entry is not null)
            {
                var hasRow = blob.Row?.Key.Partition == row.Key.Partition;
                await AddLinkAsync(row, entry, hasRow ? blob : default, cancellationToken);
            }
        }
    }

    private async Task AddBlobAsync(RowKey key, Entry? blob, CancellationToken cancellationToken)
    {
        run.HasBlobs = true;
        if (links is not null) run.Summary.Blobs++;
        if (blob is null) return;
        if (links is not null) run.Summary.BlobBytes += blob.Size;
        var listed = objects.Take(blob.Location);
        if (!objects.Covers(blob.Location)) return;
        // What the earlier run has found, and had not yet looked for when it was cut off, is seen again without reading the bytes of all.
        var isDone = run.IsDone(_part, key.Partition);
        if (isDone && (listed == blob.Size || !run.Options.Repair || !run.IsGoingOn(_part))) return;
        var hash = run.Options.RehashDigests && !isDone;
        await run.GuardAsync($"the blob {blob.Digest}", () => CheckBytesAsync(key, blob, listed, hash, cancellationToken), digest: blob.Digest, objectName: blob.Location);
    }

    private async Task AddLinkAsync(TableRow row, Entry link, (TableRow? Row, Entry? Entry) blob, CancellationToken cancellationToken)
    {
        var listed = objects.Take(link.Location);
        if (links is null) return;
        run.Summary.Links++;
        // Of a blob that cannot be read nobody knows where it is.
        var agrees = blob.Row is not null && (blob.Entry is null || blob.Entry == link);
        if (agrees || run.IsDone(_part, row.Key.Partition) || await CheckAsync()) links.Add(row.Key.Row, link.Digest);

        Task<bool> CheckAsync() => run.GuardAsync(
            $"the link of {row.Key.Row} to {link.Digest}", true, () => CheckLinkAsync(row, link, listed, cancellationToken), TableKeys.Decode(row.Key.Row), link.Digest, link.Location);
    }

    private async Task CheckBytesAsync(RowKey key, Entry blob, long? listed, bool hash, CancellationToken cancellationToken)
    {
        // What is not in the list may have come after it was made.
        var found = listed ?? (await run.FindObjectAsync(blob.Location, cancellationToken))?.Size;
        if (found is not null && found != blob.Size)
        {
            _lost.Add(new LostBlob(VerifyKind.SizeMismatch, blob.Digest, blob.Size, blob.Location, $"{found} bytes are stored of a blob of {blob.Size}"));
            return;
        }

        if (found is not null && (!hash || await HashAsync(blob, cancellationToken))) return;
        // The collector deletes the row before the bytes: while the row still names them they must be there.
        if (await run.FindAsync(TableKeys.BlobsTable, key, cancellationToken) is not { } now || BlobLinks.LocationOf(now) != blob.Location) return;
        _lost.Add(new LostBlob(VerifyKind.MissingBytes, blob.Digest, blob.Size, blob.Location, $"the {blob.Size} bytes of the blob are not there"));
    }

    /// <returns>False when the bytes are not there any more.</returns>
    private async Task<bool> HashAsync(Entry blob, CancellationToken cancellationToken)
    {
        if (await run.HashAsync(blob.Location, blob.Size, blob.Digest.Algorithm, cancellationToken) is not { } actual) return false;
        if (actual != blob.Digest) await new WrongBytes(run, _lost).HandleAsync(blob.Digest, blob.Size, blob.Location, actual, cancellationToken);
        return true;
    }

    /// <returns>Whether there is a link in the end.</returns>
    private async Task<bool> CheckLinkAsync(TableRow row, Entry link, long? listed, CancellationToken cancellationToken)
    {
        var repository = TableKeys.Decode(row.Key.Row);
        var blobRow = await run.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(link.Digest), cancellationToken);
        var blob = blobRow is null ? null : run.Read(blobRow, Read);
        if ((blobRow is not null && blob is null) || blob == link) return true;
        // Every write that makes a link or changes it sees to the blob's row in the same batch.
        if (!await run.IsUnchangedAsync(TableKeys.BlobsTable, row.Key, row.ETag, cancellationToken)) return true;
        // Pulls read the link alone: bytes that it names are in use, whatever else is wrong with it.
        var bytes = listed ?? (await run.FindObjectAsync(link.Location, cancellationToken))?.Size;
        if (blob is null)
        {
            var gone = bytes is null && await DropLinkAsync(row, repository, cancellationToken);
            var note = bytes is null ? "neither the blob nor its bytes are there" : "the blob is not there, but its bytes are";
            run.Report(VerifyKind.LinkWithoutBlob, note, repository, link.Digest, link.Location, gone);
            return !gone;
        }

        if (blob.Location != link.Location) run.Report(VerifyKind.LinkElsewhere, $"the blob is at {blob.Location}", repository, link.Digest, link.Location);
        if (blob.Size != link.Size) run.Report(VerifyKind.SizeMismatch, $"a link of {link.Size} bytes to a blob of {blob.Size}", repository, link.Digest, link.Location);
        return true;
    }

    private async Task<bool> DropLinkAsync(TableRow row, RepositoryName repository, CancellationToken cancellationToken)
    {
        // The hint stays behind, for the collector.
        if (await run.MayRepairAsync(cancellationToken)) await run.Context.Announcements.QueueRepositoryAsync(repository, cancellationToken);
        return await run.DropAsync(TableKeys.BlobsTable, row, cancellationToken);
    }

    private Entry Read(TableRow row)
    {
        var digest = Digest.Parse(row.Key.Partition);
        // A link's key must be of a repository.
        if (row.Key.Row != TableKeys.BlobRow) TableKeys.Decode(row.Key.Row);
        return new Entry(digest, _rows.Read(digest, row).Descriptor.Size, BlobLinks.LocationOf(row));
    }

    /// <summary>What the row of a blob says, and of a link just so.</summary>
    private sealed record Entry(Digest Digest, long Size, string Location);
}
