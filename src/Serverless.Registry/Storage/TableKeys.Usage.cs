using Serverless.Registry.Oci;

namespace Serverless.Registry.Storage;

// The keys of usage and quotas, in the system table.
public static partial class TableKeys
{
    /// <summary>Begins the partitions of what repositories use, one for each namespace.</summary>
    public const string UsagePrefix = "usage:";

    /// <summary>Prefix of quotas, among the rows that hold for all instances.</summary>
    public const string QuotaPrefix = "quota:";

    // Between the two there is nothing, and what was added sorts before the sums.
    private const string AddedPrefix = "+";
    private const string SumPrefix = "=";

    /// <summary>What a repository uses, as the garbage collector has counted it.</summary>
    public static RowKey Usage(RepositoryName repository) => new(UsagePartition(repository.ToString()), SumPrefix + Encode(repository));

    /// <summary>A blob that was linked since then, or was about to be.</summary>
    public static RowKey UsageAdded(RepositoryName repository, Digest digest) => new(UsagePartition(repository.ToString()), AddedTo(repository) + digest);

    /// <summary>Prefix of what was added to a repository.</summary>
    public static string AddedTo(RepositoryName repository) => $"{AddedPrefix}{Encode(repository)}:";

    /// <summary>The partition of a name's namespace: as those of the catalog, so that all rows of all partitions are in the order of the names.</summary>
    /// <param name="name">Any text; it need not be a name.</param>
    public static string UsagePartition(string name) => UsagePrefix + Encode(HeadOf(name));

    /// <summary>The digest of what was added.</summary>
    /// <exception cref="FormatException">The key is of something else.</exception>
    public static Digest AddedDigest(RowKey key)
    {
        // A repository's key has no colon, a digest one.
        var parts = key.Row.Split(':', 2);
        return Digest.Parse(parts.Length == 2 ? parts[1] : "");
    }

    /// <summary>The repository whose use a row tells; false when it is of something else, or in a partition that is not its own.</summary>
    public static bool TryReadUsage(RowKey key, out RepositoryName repository)
    {
        repository = default;
        return key.Row.StartsWith(SumPrefix, StringComparison.Ordinal) && TryDecode(key.Row[SumPrefix.Length..], out repository) && Usage(repository) == key;
    }

    /// <summary>What the repositories between two use, both included, in the order of their names.</summary>
    public static RowQuery Usages(RepositoryName first, RepositoryName last) => new(null, SumPrefix + Encode(first), SumPrefix + Encode(last) + '!')
    {
        FirstPartition = UsagePartition(first.ToString()),
        EndPartition = UsagePartition(last.ToString()) + '!',
    };

    /// <summary>What all blobs take together.</summary>
    public static RowKey TotalUsage { get; } = new("shared", "usage");

    /// <summary>Everything of all namespaces that come after a partition, or of all; in the order of their names.</summary>
    public static RowQuery UsageAfter(string? partition) =>
        partition is null ? RowQuery.Partitions(UsagePrefix) : RowQuery.Partitions(UsagePrefix) with { FirstPartition = partition + '!' };

    /// <summary>The repository of which a row of usage is: a sum, or what was added; false when it is in a partition that is not its own.</summary>
    public static bool TryReadAdded(RowKey key, out RepositoryName repository)
    {
        repository = default;
        var end = key.Row.IndexOf(':', StringComparison.Ordinal);
        return end > 0 && key.Row.StartsWith(AddedPrefix, StringComparison.Ordinal) && TryDecode(key.Row[AddedPrefix.Length..end], out repository) && UsagePartition(repository.ToString()) == key.Partition;
    }

    /// <summary>A quota.</summary>
    public static RowKey Quota(string pattern) => new("shared", QuotaPrefix + Encode(pattern));

    /// <summary>All quotas.</summary>
    public static RowQuery Quotas { get; } = RowQuery.Prefix("shared", QuotaPrefix);

    /// <summary>Whether a row is a quota.</summary>
    public static bool IsQuota(RowKey key) => key.Partition == "shared" && key.Row.StartsWith(QuotaPrefix, StringComparison.Ordinal);

    /// <summary>The pattern of a quota.</summary>
    public static string QuotaPattern(RowKey key) => NameIn(key.Row[QuotaPrefix.Length..]);
}
