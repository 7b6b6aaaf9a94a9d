namespace Serverless.Registry.Storage;

/// <summary>Which rows to read: a range of one partition, or of many.</summary>
/// <param name="Partition">
/// The partition; null reads all of them, or those between <see cref="FirstPartition"/> and <see cref="EndPartition"/>, in order of partition, which costs a scan of what lies between.
/// </param>
/// <param name="From">The first row key, inclusive.</param>
/// <param name="To">The row key before which to stop.</param>
public sealed record RowQuery(string? Partition, string From, string To)
{
    /// <summary>The most rows that storage gives in one page.</summary>
    public const int MaxPageSize = 1000;

    /// <summary>Rows in a page, at most; between 1 and <see cref="MaxPageSize"/>. A page may be shorter, even empty, and still have a successor.</summary>
    public int PageSize { get; init; } = MaxPageSize;

    /// <summary>Of many partitions the first, inclusive; null begins with the first of the table.</summary>
    public string? FirstPartition { get; init; }

    /// <summary>Of many partitions the one before which to stop; null ends with the last of the table.</summary>
    public string? EndPartition { get; init; }

    /// <summary>The properties to read; null reads all of them.</summary>
    public IReadOnlyList<string>? Select { get; init; }

    /// <summary>All rows of a table, those among them that begin with a tilde, which no prefix reaches.</summary>
    public static RowQuery All { get; } = new(null, "", "~~");

    /// <summary>All rows of a partition whose key starts with the prefix; of all partitions when it is null.</summary>
    public static RowQuery Prefix(string? partition, string prefix) => new(partition, prefix, Successor(prefix));

    /// <summary>All rows of all partitions that start with the prefix.</summary>
    public static RowQuery Partitions(string prefix) => Prefix(null, "") with { FirstPartition = prefix, EndPartition = Successor(prefix) };

    /// <summary>
    /// All rows of a partition whose key starts with the prefix and comes after <paramref name="last"/>, which need not exist. No key goes on with a character
    /// as low as the exclamation mark, so the first key after <c>x</c> is the first from <c>x!</c> on.
    /// </summary>
    public static RowQuery PrefixAfter(string? partition, string prefix, string? last) =>
        last is null ? Prefix(partition, prefix) : Prefix(partition, prefix).After(prefix + last);

    /// <summary>The rows of this range whose key comes after <paramref name="last"/>, which need not exist nor lie in the range.</summary>
    public RowQuery After(string last)
    {
        var from = last + '!';
        return string.CompareOrdinal(from, From) <= 0 ? this : this with { From = string.CompareOrdinal(from, To) < 0 ? from : To };
    }

    /// <summary>Whether the query reads a partition.</summary>
    public bool Covers(string partition) => Partition is not null
        ? partition == Partition
        : string.CompareOrdinal(partition, FirstPartition ?? "") >= 0 && (EndPartition is null || string.CompareOrdinal(partition, EndPartition) < 0);

    // The first key that does not start with the prefix. Keys are ASCII, and only those of what is kept beside the links of blobs begin with a tilde, so that no scan of links reaches them.
    private static string Successor(string prefix) => prefix.Length == 0 ? "~" : prefix[..^1] + (char)(prefix[^1] + 1);
}

/// <summary>A page of rows.</summary>
/// <param name="Rows">The rows, in order of their keys.</param>
/// <param name="Continuation">Where the next page begins; null when this was the last one.</param>
/// <param name="Time">
/// The storage service's time when it answered, UTC, to the second: the clock that gives rows their Timestamps, so ages can be told without a clock of ours.
/// </param>
public sealed record RowPage(IReadOnlyList<TableRow> Rows, string? Continuation, DateTimeOffset Time);
