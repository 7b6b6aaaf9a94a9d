using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// The parts of the catalog where the names begin as somebody's patterns do. A query reads from the first part that is left to the end of the last one, so a small catalog is read at
/// once; whoever has read a page of it asks again, and leaves out what lies before the next part.
/// </summary>
internal sealed class CatalogRanges
{
    private readonly List<string> _prefixes;

    /// <param name="prefixes">What the names begin with.</param>
    /// <param name="scope">What all names begin with that there are.</param>
    public CatalogRanges(IEnumerable<string> prefixes, string scope)
    {
        // Those that begin as another one does lie within it.
        _prefixes = [];
        foreach (var prefix in prefixes.Where(p => p.StartsWith(scope, StringComparison.Ordinal) || scope.StartsWith(p, StringComparison.Ordinal))
            .Select(p => p.Length < scope.Length ? scope : p).Order(StringComparer.Ordinal))
        {
            if (_prefixes.Count == 0 || !prefix.StartsWith(_prefixes[^1], StringComparison.Ordinal)) _prefixes.Add(prefix);
        }
    }

    /// <summary>What is left after a text; null when nothing is.</summary>
    public RowQuery? After(string? last)
    {
        var next = Next(last);
        if (next is null) return null;
        var all = new RowQuery(null, TableKeys.Encode(next), RowQuery.Prefix(null, TableKeys.Encode(_prefixes[^1])).To)
        {
            FirstPartition = TableKeys.CatalogPartition(next),
            EndPartition = End(_prefixes[^1]),
        };
        return last is null || !IsBefore(next, last) ? all : all.After(TableKeys.Encode(last)) with { FirstPartition = TableKeys.CatalogPartition(last) };
    }

    /// <summary>Whether nothing of what comes after a text is in the part where the text is, so that a new query leaves something out.</summary>
    public bool LeavesOut(string last) => Next(last) is { } next && !IsBefore(next, last);

    // The first part with something after the text.
    private string? Next(string? last) =>
        last is null ? _prefixes.FirstOrDefault() : _prefixes.Find(p => string.CompareOrdinal(p, last) > 0 || last.StartsWith(p, StringComparison.Ordinal));

    private static bool IsBefore(string prefix, string last) => string.CompareOrdinal(prefix, last) <= 0;

    // Names that begin with a whole first part share its partition; others begin a partition that begins so.
    private static string End(string prefix)
    {
        var partition = TableKeys.CatalogPartition(prefix);
        return prefix.Contains('/', StringComparison.Ordinal) ? partition + '!' : RowQuery.Partitions(partition).EndPartition!;
    }
}
