using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// The objects of a pass that were there when it began, at most so many, less those that a row has been found to name: in the end those that nobody names.
/// </summary>
/// <param name="run">The run.</param>
/// <param name="from">The part of the names to begin with; empty for the first.</param>
/// <param name="until">The part before which to stop; null for none.</param>
/// <param name="checkedBefore">Rows that name objects in parts before this one were compared with them by an earlier run; null when all were, empty when none was.</param>
internal sealed class ObjectInventory(VerifyRun run, string from, string? until = null, string? checkedBefore = "")
{
    // Neither deeper than the names are long, nor for ever where somebody has made names that begin alike.
    private const int LongestPrefix = 32;

    private readonly Dictionary<string, Entry> _objects = new(StringComparer.Ordinal);
    private readonly List<string> _prefixes = [];
    private readonly Stack<string> _left = new(ObjectPrefixes.From(from).Reverse());

    /// <summary>How many there are that no row was found to name.</summary>
    public int Count => _objects.Count;

    /// <summary>The part where the next pass begins; null when this is the last.</summary>
    public string? Next => _left.TryPeek(out var next) ? next : null;

    public async Task ReadAsync(CancellationToken cancellationToken)
    {
        while (_left.TryPeek(out var prefix) && (until is null || string.CompareOrdinal(prefix, until) < 0))
        {
            // What the last part is within has more than it.
            var isBeyond = until is not null && until != prefix && until.StartsWith(prefix, StringComparison.Ordinal);
            var found = isBeyond ? null : await ListAsync(prefix, cancellationToken);
            if (found is null)
            {
                _left.Pop();
                foreach (var part in ObjectPrefixes.Split(prefix).Reverse()) _left.Push(part);
                continue;
            }

            if (_objects.Count > 0 && _objects.Count + found.Count > run.Options.MostAtOnce) break;
            foreach (var each in found) _objects[each.Name] = new Entry(each.Size, each.ETag, each.LastModified);
            _prefixes.Add(prefix);
            _left.Pop();
        }
    }

    /// <summary>Whether a row that names this object is to be compared with it in this pass. The first pass has whatever no other one has.</summary>
    public bool Covers(string name) => (from.Length == 0 ? !IsWithin(_left, name) : IsWithin(_prefixes, name)) && !WasChecked(name);

    /// <summary>A row names the object.</summary>
    /// <returns>Its size in bytes; null when it was not there when the pass began, is of another pass, or was named before.</returns>
    public long? Take(string name) => _objects.Remove(name, out var found) ? found.Size : null;

    /// <summary>Tells of the old objects that are left, when all rows have been read, and deletes them if that is wanted and safe.</summary>
    public async Task ReportOrphansAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, orphan) in _objects.Where(o => o.Value.LastModified < run.BytesCutoff).OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            await run.GuardAsync($"the object {name}", () => ReportOrphanAsync(name, orphan, cancellationToken), objectName: name);
        }
    }

    private async Task ReportOrphanAsync(string name, Entry orphan, CancellationToken cancellationToken)
    {
        // The collector deletes the row before the bytes, and may just have done so.
        if ((await run.FindObjectAsync(name, cancellationToken))?.ETag != orphan.ETag) return;
        // A registry without a single blob beside old bytes is rather one whose tables were mixed up, and everything would go.
        var safe = run is { KnowsAll: true, HasBlobs: true };
        var gone = safe && await run.MayDeleteOrphansAsync(cancellationToken)
            && await run.Context.Objects.DeleteAsync(name, orphan.ETag, cancellationToken) is WriteOutcome.Done or WriteOutcome.NotFound;
        var note = $"{orphan.Size} bytes of {orphan.LastModified.UtcDateTime:u} that nobody names" + (safe ? "" : "; not all that is in use is known, so they stay");
        run.Report(VerifyKind.OrphanBytes, note, objectName: name, repaired: gone);
    }

    /// <returns>The objects of a part; null when there are too many for one pass.</returns>
    private async Task<List<StoredObject>?> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        List<StoredObject> found = [];
        await foreach (var each in run.Context.Objects.ListAsync(prefix, cancellationToken))
        {
            if (found.Count == run.Options.MostAtOnce && prefix.Length < LongestPrefix) return null;
            found.Add(each);
        }

        return found;
    }

    private bool WasChecked(string name) => checkedBefore is null || string.CompareOrdinal(name, checkedBefore) < 0;

    private static bool IsWithin(IEnumerable<string> prefixes, string name) => prefixes.Any(p => name.StartsWith(p, StringComparison.Ordinal));

    private readonly record struct Entry(long Size, string ETag, DateTimeOffset LastModified);
}
