using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Storage;

// The keys of the system table.
public static partial class TableKeys
{
    /// <summary>Begins the partitions of the catalog in the system table.</summary>
    public const string CatalogPrefix = "catalog:";

    /// <summary>Begins the partitions of the repositories that the garbage collector is to look at.</summary>
    public const string RepositoryQueuePrefix = "repositories:";

    /// <summary>Begins the partitions of the digests that the garbage collector is to look at.</summary>
    public const string DigestQueuePrefix = "digests:";

    /// <summary>Partition of the accounts.</summary>
    public const string AccountPartition = "accounts";

    /// <summary>Partition of the scope maps.</summary>
    public const string ScopeMapPartition = "scopes";

    /// <summary>Partition of the keys that sign tokens.</summary>
    public const string SigningKeyPartition = "keys";

    /// <summary>Partition of the refresh tokens.</summary>
    public const string RefreshTokenPartition = "refresh";

    /// <summary>Partition of what admins have changed.</summary>
    public const string AdminLogPartition = "audit";

    /// <summary>Partition of the timed tasks.</summary>
    public const string TaskPartition = "tasks";

    /// <summary>Partition of what tells whether two stores of a move are the same.</summary>
    public const string MovingPartition = "moving";

    // Everybody writes to the queues, and a partition takes 2,000 rows a second.
    private const int QueuePartitions = 64;

    /// <summary>All repositories that the garbage collector is to look at.</summary>
    public static RowQuery RepositoryQueue { get; } = RowQuery.Partitions(RepositoryQueuePrefix);

    /// <summary>All digests that the garbage collector is to look at.</summary>
    public static RowQuery DigestQueue { get; } = RowQuery.Partitions(DigestQueuePrefix);

    /// <summary>A repository in the catalog.</summary>
    public static RowKey Catalog(RepositoryName repository) => new(CatalogPartition(repository.ToString()), Encode(repository));

    /// <summary>
    /// The partition of the catalog that a name is in: that of its first part, slash included, or its own when it has no slash. Two names that differ do so at
    /// the same place as their partitions, or within one, so all rows of all partitions are in the order of the names.
    /// </summary>
    /// <param name="name">Any text; it need not be a name.</param>
    public static string CatalogPartition(string name) => CatalogPrefix + Encode(HeadOf(name));

    /// <summary>The first part of a name, slash included; all of it when it has no slash.</summary>
    /// <param name="name">Any text; it need not be a name.</param>
    public static string HeadOf(string name) => name[..(name.IndexOf('/', StringComparison.Ordinal) is var slash and >= 0 ? slash + 1 : name.Length)];

    /// <summary>A repository for the garbage collector.</summary>
    public static RowKey QueuedRepository(RepositoryName repository) => QueueKey(RepositoryQueuePrefix, Encode(repository));

    /// <summary>A digest for the garbage collector.</summary>
    public static RowKey QueuedDigest(Digest digest) => QueueKey(DigestQueuePrefix, digest.ToString());

    /// <summary>A secret that all instances share.</summary>
    public static RowKey Secret(string name) => new("secrets", name);

    /// <summary>An account.</summary>
    public static RowKey Account(AccountName name) => new(AccountPartition, name.ToString());

    /// <summary>A scope map.</summary>
    public static RowKey ScopeMap(string name) => new(ScopeMapPartition, name);

    /// <summary>A key that signs tokens.</summary>
    public static RowKey SigningKey(string id) => new(SigningKeyPartition, id);

    /// <summary>A refresh token, by its hash: who reads the table cannot use it.</summary>
    public static RowKey RefreshToken(string token) => new(RefreshTokenPartition, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))));

    /// <summary>A change by an admin. Later ones sort first; the random end keeps two in one tick apart.</summary>
    public static RowKey AdminChange(DateTimeOffset time) => new(AdminLogPartition, InverseTime(time) + RandomNumberGenerator.GetHexString(8, lowercase: true));

    /// <summary>A timed task.</summary>
    public static RowKey TimedTask(string name) => new(TaskPartition, name);

    /// <summary>The switches that are set at run time.</summary>
    public static RowKey Switches { get; } = new("shared", "switches");

    /// <summary>The registry's identity.</summary>
    public static RowKey Identity { get; } = new("shared", "identity");

    /// <summary>Which releases may work on what is stored.</summary>
    public static RowKey Format { get; } = new("shared", "format");

    /// <summary>What the garbage collector took for garbage when it ran last.</summary>
    public static RowKey Policy { get; } = new("shared", "policy");

    /// <summary>Prefix of locks.</summary>
    public const string LockPrefix = "lock:";

    /// <summary>The lock of a tag or a manifest.</summary>
    public static RowKey Lock(RepositoryName repository, Reference reference) => new("shared", LocksOf(repository) + reference);

    /// <summary>Prefix of the locks of a repository.</summary>
    public static string LocksOf(RepositoryName repository) => $"{LockPrefix}{Encode(repository)}:";

    /// <summary>What a lock is of.</summary>
    /// <exception cref="FormatException">The key is of no lock.</exception>
    public static (RepositoryName Repository, Reference Reference) LockParts(RowKey key)
    {
        // A repository's key has no colon.
        var parts = key.Row.Split(':', 3);
        return parts.Length == 3 ? (Decode(parts[1]), Reference.Parse(parts[2])) : throw new FormatException("The key is of no lock.");
    }

    /// <summary>The rows that hold for all instances.</summary>
    public static RowQuery SharedRows { get; } = RowQuery.Prefix("shared", "");

    /// <summary>A row that is there for a moment, to see whether two stores of a move are the same.</summary>
    public static RowKey NewMoveProbe() => new(MovingPartition, RandomNumberGenerator.GetHexString(RandomLength, lowercase: true));

    /// <summary>A row that is as old as the first note of a pull.</summary>
    public static RowKey FirstPull { get; } = new("settings", "pulls");

    private static RowKey QueueKey(string prefix, string row) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{prefix}{SHA256.HashData(Encoding.ASCII.GetBytes(row))[0] % QueuePartitions:x2}"), row);
}
