using System.Collections.Concurrent;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// The rows that tell the garbage collector and the catalog of a change. They are written before the change: a crash in between leaves a row that
/// announces nothing, never a change that nobody looks at. A row that this instance wrote a short while ago is not written again; the grace is
/// longer than that, so such a row cannot have been taken away for age.
/// </summary>
internal sealed class Announcements(ITableStore tables, TimeProvider timeProvider, TimeSpan memory)
{
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<RowKey, (long Elapsed, DateTimeOffset Wall)> _written = new();

    /// <summary>Something in the repository may become garbage.</summary>
    public Task QueueRepositoryAsync(RepositoryName repository, CancellationToken cancellationToken) =>
        NoteAsync(TableKeys.QueuedRepository(repository), cancellationToken);

    /// <summary>The blob may become garbage.</summary>
    public Task QueueDigestAsync(Digest digest, CancellationToken cancellationToken) => NoteAsync(TableKeys.QueuedDigest(digest), cancellationToken);

    /// <summary>The repository is to be listed in the catalog.</summary>
    public Task ListRepositoryAsync(RepositoryName repository, CancellationToken cancellationToken) =>
        NoteAsync(TableKeys.Catalog(repository), cancellationToken);

    /// <summary>The repository was taken out of the catalog: what this instance remembers of it holds no longer.</summary>
    public void ForgetRepository(RepositoryName repository) => _written.TryRemove(TableKeys.Catalog(repository), out _);

    /// <summary>Notes a row of the system table, unless this instance did so a short while ago.</summary>
    public async Task NoteAsync(RowKey row, CancellationToken cancellationToken)
    {
        var now = (Elapsed: timeProvider.GetTimestamp(), Wall: timeProvider.GetUtcNow());
        // A process that was held still may have missed hours without its timer noticing; then its clock has leapt.
        if (_written.TryGetValue(row, out var then) && timeProvider.GetElapsedTime(then.Elapsed, now.Elapsed) < memory && (now.Wall - then.Wall).Duration() < memory * 2) return;
        // Insert-or-merge of nothing: a due time that the collector has set stays as it is.
        await tables.WriteAsync(TableKeys.SystemTable, RowWrite.Note(row), cancellationToken);
        if (_written.Count >= MaxRemembered) _written.Clear();
        _written[row] = now;
    }
}
