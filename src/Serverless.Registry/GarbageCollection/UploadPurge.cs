using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Ends upload sessions that nobody can use any more and drops what they hold. It looks at queued repositories only: every session's repository is queued,
/// and stays so while there is a session.
/// </summary>
public sealed class UploadPurge
{
    private readonly RegistryContext _context;

    internal UploadPurge(RegistryContext context) => _context = context;

    /// <summary>Purges the sessions of all queued repositories.</summary>
    /// <param name="age">How long a session must not have been used; at least the grace, which is longer than any session lives.</param>
    /// <param name="dryRun">Whether to tell only.</param>
    /// <param name="report">Told of each session; may be null.</param>
    /// <param name="cancellationToken">Stops at the next call to storage.</param>
    /// <returns>How many sessions there were.</returns>
    /// <exception cref="ArgumentException">The age is less than the grace.</exception>
    public Task<int> RunAsync(TimeSpan age, bool dryRun, Action<PurgedUpload>? report, CancellationToken cancellationToken) =>
        RunAsync(age, dryRun, report, null, cancellationToken);

    /// <summary>As the other overload, from where an earlier run was cut off.</summary>
    /// <param name="age">How long a session must not have been used; at least the grace, which is longer than any session lives.</param>
    /// <param name="dryRun">Whether to tell only.</param>
    /// <param name="report">Told of each session; may be null.</param>
    /// <param name="cursor">Where to go on, and who is told of each repository that is done; null begins at the first and tells nobody.</param>
    /// <param name="cancellationToken">Stops at the next call to storage.</param>
    /// <returns>How many sessions there were.</returns>
    /// <exception cref="ArgumentException">The age is less than the grace.</exception>
    public async Task<int> RunAsync(TimeSpan age, bool dryRun, Action<PurgedUpload>? report, WalkCursor? cursor, CancellationToken cancellationToken)
    {
        if (age < _context.Options.Grace) throw new ArgumentException("The age of uploads must be at least the grace.", nameof(age));
        var cutoff = await StorageClock.ReadAsync(_context.Tables, cancellationToken) - age;
        var count = 0;
        var queue = RowQuery.Prefix(TableKeys.RepositoryQueuePartition, "");
        if (cursor?.From is { } last) queue = queue.After(TableKeys.Encode(last));
        await foreach (var queued in _context.Tables.ListAsync(TableKeys.SystemTable, queue, cancellationToken))
        {
            // The collector tells of a row that makes no sense.
            if (!TableKeys.TryDecode(queued.Key.Row, out var repository)) continue;
            await foreach (var row in _context.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(queued.Key.Row, TableKeys.UploadPrefix), cancellationToken))
            {
                if (row.Timestamp >= cutoff) continue;
                if (Read(row) is not { } session) continue;
                if (!dryRun) await _context.DemandWritableAsync(cancellationToken);
                if (!dryRun && !await PurgeAsync(row, session, cancellationToken)) continue;
                count++;
                report?.Invoke(new PurgedUpload(repository, row.Key.Row[TableKeys.UploadPrefix.Length..], session.State == UploadState.Open ? session.Offset : 0));
            }

            if (cursor is not null) await cursor.ReachedAsync(repository.ToString(), cancellationToken);
        }

        return count;
    }

    // What cannot be read is named by the verifier, and keeps what it may hold.
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
    private async Task<bool> PurgeAsync(TableRow row, UploadSession session, CancellationToken cancellationToken)
    {
        // The session first, then its bytes: whoever is about to finish it finds that it is gone.
        var ended = (UploadSession.Gone with { Location = session.Location, Digest = session.Digest }).ToProperties();
        var gone = await _context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Replace(row.Key, ended, row.ETag), cancellationToken);
        if (!gone.Done) return false;
        if (session.Location.Length > 0 && !await IsBlobAsync(session, cancellationToken)) await _context.Objects.DeleteAsync(session.Location, null, cancellationToken);
        // Its token has run out long ago, so nobody can bring the session back.
        await _context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Delete(row.Key, gone.ETag ?? "*"), cancellationToken);
        return true;
    }

    // A finished session's bytes may have become a blob.
    private async Task<bool> IsBlobAsync(UploadSession session, CancellationToken cancellationToken) =>
        session.Digest is { } digest
        && await _context.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), cancellationToken) is { } blob
        && BlobLinks.LocationOf(blob) == session.Location;
}

/// <summary>An upload session that was purged, or would be.</summary>
/// <param name="Repository">Its repository.</param>
/// <param name="Id">Its id, without hyphens.</param>
/// <param name="Size">The bytes that were dropped.</param>
public sealed record PurgedUpload(RepositoryName Repository, string Id, long Size);
