using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// Blobs that have lost their bytes, held until another object of the same content was looked for (<see cref="SourceSearch"/>), and what becomes of them:
/// <code>
///   another object has the digest     touch ! by its ETag            gone, or elsewhere by now: left alone
///                                     copy to the location of !      where nothing is: if there still is nothing; where too little is: that version
///   none has                          told of, for somebody to push the blob again
/// </code>
/// </summary>
internal sealed class LostBlobs(VerifyRun run)
{
    private const int LinksInNote = 3;

    private readonly Dictionary<Digest, LostBlob> _lost = [];
    private readonly BlobLinks _links = new(run.Context);

    /// <summary>Whether as many are held as memory allows, some six megabytes: the search cannot wait for more.</summary>
    public bool IsFull => _lost.Count >= Math.Max(1, run.Options.MostAtOnce / 20);

    public void Add(LostBlob blob)
    {
        if (run.Options.Repair) _lost[blob.Digest] = blob;
        else Report(blob, "", repaired: false);
    }

    /// <summary>Whether the blob waits for its bytes.</summary>
    public bool Contains(Digest digest) => _lost.ContainsKey(digest);

    /// <summary>Looks for other objects, and tells of every blob what has become of it.</summary>
    public async Task SearchAsync(CancellationToken cancellationToken)
    {
        if (_lost.Count == 0) return;
        await new SourceSearch(run, this, _lost.Values.ToLookup(b => b.Size, b => b.Digest)).RunAsync(cancellationToken);
        foreach (var blob in _lost.Values.ToList())
        {
            await run.GuardAsync($"the blob {blob.Digest}", () => TellAsync(blob, cancellationToken), digest: blob.Digest, objectName: blob.Location);
            _lost.Remove(blob.Digest);
        }
    }

    /// <summary>Copies the bytes of an object that has the digest and the size of a blob to where the blob's belong. Where the object has gone, the blob waits for the next one.</summary>
    public async Task RestoreAsync(Digest digest, string source, CancellationToken cancellationToken)
    {
        var blob = _lost[digest];
        if (!await run.MayRepairAsync(cancellationToken)) return;
        if (await _links.HoldAsync(digest, blob.Location, cancellationToken))
        {
            var found = await run.FindObjectAsync(blob.Location, cancellationToken);
            if (!await _links.RestoreAsync(source, blob.Size, blob.Location, found, cancellationToken)) return;
            Report(blob, $"; those of {source} were copied there", repaired: true);
        }

        _lost.Remove(digest);
    }

    /// <summary>Tells of the blobs for which nothing was looked for, because the run has ended; not of those that the run sees again that goes on with it.</summary>
    public void TellRest()
    {
        foreach (var blob in _lost.Values.Where(b => !run.CanGoOn || b.Kind == VerifyKind.WrongContent))
        {
            Report(blob, "; the run ended before another object that holds the blob's bytes was looked for", repaired: false);
        }
    }

    private async Task TellAsync(LostBlob blob, CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(blob.Digest.ToString(), "") with { Select = [BlobLinks.LocationProperty] };
        var (rows, more) = await run.Context.Tables.TakeAsync(TableKeys.BlobsTable, query, 1 + LinksInNote, cancellationToken);
        // The collector has taken it, or it was pushed anew.
        if (rows is not [{ Key.Row: TableKeys.BlobRow } row, ..] || row.FindString(BlobLinks.LocationProperty) != blob.Location) return;
        if ((await run.FindObjectAsync(blob.Location, cancellationToken))?.Size == blob.Size)
        {
            Report(blob, "; by now they are there again", repaired: true);
            return;
        }

        var names = rows.Skip(1).Select(l => TableKeys.TryDecode(l.Key.Row, out var name) ? name.ToString() : l.Key.Row);
        var linked = rows.Count == 1 ? "Nobody links to it" : $"Linked by {string.Join(", ", names)}{(more ? " and more" : "")}";
        Report(blob, $"; no other object holds the blob's bytes; push the blob again. {linked}", repaired: false);
    }

    private void Report(LostBlob blob, string outcome, bool repaired) => run.Report(blob.Kind, blob.Note + outcome, digest: blob.Digest, objectName: blob.Location, repaired: repaired);
}
