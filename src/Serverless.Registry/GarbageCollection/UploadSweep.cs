using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Ends a repository's upload sessions that nobody can use any more, and drops what they hold. Every session's repository is queued, and stays so while there is a session.
/// </summary>
internal sealed class UploadSweep(CollectionRun run, RepositoryName repository, Action<TableRow, TimeSpan> passOver)
{
    private readonly ITableStore _tables = run.Context.Tables;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var age = run.Options.UploadAge ?? run.Context.Options.Grace;
        await foreach (var row in _tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.UploadPrefix), cancellationToken))
        {
            if (row.Timestamp >= run.Now - age) passOver(row, age);
            // What cannot be read is named by the verifier, and keeps what it may hold.
            else if (Read(row) is not { } session) passOver(row, run.Now - row.Timestamp + run.Context.Options.Grace);
            else if (await EndAsync(row, session, cancellationToken)) run.Report(new CollectedItem(CollectedKind.Upload, repository, null, session.State == UploadState.Open ? session.Offset : 0, row.Key.Row[TableKeys.UploadPrefix.Length..]));
            else passOver(row, run.Now - row.Timestamp + age);
        }
    }

    private static UploadSession? Read(TableRow row)
    {
        try
        {
            return UploadSession.Read(row);
        }
        catch (Exception e) when (e is InvalidDataException or FormatException)
        {
            return null;
        }
    }

    /// <returns>False when a request that is still under way has changed the session.</returns>
    private async Task<bool> EndAsync(TableRow row, UploadSession session, CancellationToken cancellationToken)
    {
        if (run.Options.DryRun) return true;
        await run.DemandWritableAsync(cancellationToken);
        // The session first, then its bytes: whoever is about to finish it finds that it is gone.
        var ended = (UploadSession.Gone with { Location = session.Location, Digest = session.Digest, Others = session.Others }).ToProperties();
        var gone = await _tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Replace(row.Key, ended, row.ETag), cancellationToken);
        if (!gone.Done) return false;
        if (session.Location.Length > 0 && !await IsBlobAsync(session, cancellationToken)) await run.Context.Objects.DeleteAsync(session.Location, null, cancellationToken);
        // Its token has run out long ago, so nobody can bring the session back.
        await _tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Delete(row.Key, gone.ETag ?? "*"), cancellationToken);
        return true;
    }

    // A finished session's bytes may have become a blob.
    private async Task<bool> IsBlobAsync(UploadSession session, CancellationToken cancellationToken) =>
        session.Digest is { } digest
        && await _tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), cancellationToken) is { } blob
        && BlobLinks.LocationOf(blob) == session.Location;
}
