using System.Collections.Concurrent;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tags;

/// <summary>
/// Notes when tags, and manifests by their digests, were last pulled, cheaply: this instance writes a row at most once in an hour, and the row's Timestamp is the note. Whoever counts days
/// does not mind the hour. The first note of a registry is kept besides: of a tag without a note nothing is known from before that.
/// </summary>
internal sealed class PullNotes(ITableStore tables, TimeProvider timeProvider)
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan s_memory = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<RowKey, long> _tried = new();
    private volatile bool _begun;

    /// <summary>Whether this instance has written a note in the last hour, or tried to.</summary>
    public bool IsNoted(RepositoryName repository, Reference reference) =>
        _tried.TryGetValue(TableKeys.Pull(repository, reference), out var then) && IsRecent(then, timeProvider.GetTimestamp());

    /// <summary>When the tags of a range were last pulled, both ends included.</summary>
    public async Task<IReadOnlyDictionary<Tag, DateTimeOffset?>> ListAsync(RepositoryName repository, Tag first, Tag last, CancellationToken cancellationToken)
    {
        Dictionary<Tag, DateTimeOffset?> pulls = [];
        var (from, to) = (TableKeys.Pull(repository, new Reference(first)), TableKeys.Pull(repository, new Reference(last)));
        // Notes of digests may lie between those of tags.
        var query = new RowQuery(from.Partition, from.Row, to.Row + '!') { Select = [] };
        await foreach (var row in tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            if (Tag.TryParse(row.Key.Row[TableKeys.PullPrefix.Length..], out var tag)) pulls[tag] = row.Timestamp;
        }

        return pulls;
    }

    /// <returns>Whether a note of the last hour is stored, as far as this instance knows; false: storage did not take it.</returns>
    public async Task<bool> NoteAsync(RepositoryName repository, Reference reference, CancellationToken cancellationToken)
    {
        var (row, now) = (TableKeys.Pull(repository, reference), timeProvider.GetTimestamp());
        if (!Claim(row, now)) return true;
        try
        {
            await Task.WhenAll(BeginAsync(cancellationToken), tables.WriteAsync(TableKeys.RegistryTable, RowWrite.Note(row), cancellationToken));
            return true;
        }
        catch (StorageUnavailableException)
        {
            // Nobody's pull shall fail for this, nor wait for the same trouble again with each further pull: the next try is an hour away.
            return false;
        }
        catch (OperationCanceledException)
        {
            // The client has gone; the next one may well stay.
            _tried.TryRemove(new(row, now));
            throw;
        }
    }

    // Of many pulls at once one writes.
    private bool Claim(RowKey row, long now)
    {
        if (_tried.TryGetValue(row, out var then)) return !IsRecent(then, now) && _tried.TryUpdate(row, now, then);
        if (_tried.Count >= MaxRemembered) _tried.Clear();
        return _tried.TryAdd(row, now);
    }

    private bool IsRecent(long then, long now) => timeProvider.GetElapsedTime(then, now) < s_memory;

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_begun) return;
        await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(TableKeys.FirstPull, new Dictionary<string, object>()), cancellationToken);
        _begun = true;
    }
}
