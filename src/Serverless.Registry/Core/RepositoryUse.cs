using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>How much a repository's links are, as the garbage collector has counted them when it looked at the repository last. What several repositories share counts for each of them.</summary>
/// <param name="Repository">The repository.</param>
/// <param name="Bytes">The sum of the sizes, in bytes.</param>
/// <param name="Blobs">How many there are.</param>
/// <param name="CountedAt">When they were counted, UTC, by the clock of storage.</param>
public sealed record RepositoryUse(RepositoryName Repository, long Bytes, long Blobs, DateTimeOffset CountedAt)
{
    /// <summary>The bytes of a sum, and of what was added.</summary>
    internal const string BytesProperty = "bytes";

    internal const string BlobsProperty = "blobs";

    internal static Dictionary<string, object> ToProperties(long bytes, long blobs) => new() { [BytesProperty] = bytes, [BlobsProperty] = blobs };

    /// <summary>What a row tells; null when it is of no repository.</summary>
    internal static RepositoryUse? Read(TableRow row) =>
        TableKeys.TryReadUsage(row.Key, out var repository) ? new RepositoryUse(repository, row.GetInt64(BytesProperty), row.GetInt64(BlobsProperty), row.Timestamp) : null;
}
