using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>
/// What becomes of each kind of row in a move. Rows are moved as they are, with properties that only a newer release knows, and so are kinds that this one does not know.
/// <code>
/// registry   u:  f:                            not moved: blocks of uploads stay behind, so their clients begin anew; whoever fetched for a mirror does so for the source
///            everything else                   moved
/// blobs      !, links                          moved. A location that is not random, because the blob was adopted, becomes one in data/
///            ~a, ~e:                           moved
/// system     tasks, outbox: with an endpoint   not moved: they say who is at it. So every task is due, and events that wait are tried at once
///            moving                            not moved: of a move that was cut off
///            shared identity                   written before everything else
///            shared switches                   neither read nor written: a source that is read-only is not to make the target so
///            everything else                   moved: the collector's queues, so that nothing is forgotten; secrets and keys, so that tokens and uploads without a row go on
/// </code>
/// What is not moved is deleted from the target in the last run like everything that the source does not have. Rows get the target's Timestamp, and none that is older than the source's: what was touched
/// there is touched here. So everything counts as young for a grace, tags with a note as just pulled, and locks as made by the move.
/// </summary>
internal static class MovedRows
{
    private const string LocationProperty = Blobs.BlobLinks.LocationProperty;

    /// <summary>Whether a row of the source belongs to the move.</summary>
    public static bool IsMoved(string table, RowKey key) => !IsKept(table, key) && table switch
    {
        TableKeys.RegistryTable => !Begins(key, TableKeys.UploadPrefix) && !Begins(key, TableKeys.FetchPrefix),
        TableKeys.SystemTable => key.Partition is not (TableKeys.TaskPartition or TableKeys.MovingPartition) && !IsDelivery(key),
        _ => true,
    };

    /// <summary>Whether a row is each store's own: it is not touched in the target.</summary>
    public static bool IsKept(string table, RowKey key) => table == TableKeys.SystemTable && (key == TableKeys.Identity || key == TableKeys.Switches);

    /// <summary>Whether a row changes without anybody changing the registry: notes of pulls, and events that are told.</summary>
    public static bool IsIncidental(RowKey key) => Begins(key, TableKeys.PullPrefix) || Begins(key, TableKeys.EventPrefix) || Begins(key, TableKeys.BlobEventPrefix);

    /// <summary>A row of the source as it is to be in the target.</summary>
    public static TableRow Translate(string table, TableRow row)
    {
        if (table != TableKeys.BlobsTable || row.Key.Row.StartsWith('~') || row.FindString(LocationProperty) is not { } location) return row;
        var moved = TableKeys.MovedObjectName(location);
        if (moved == location) return row;
        var properties = new Dictionary<string, object>(row.Properties, StringComparer.Ordinal) { [LocationProperty] = moved };
        return new TableRow(row.Key, properties, row.ETag, row.Timestamp);
    }

    /// <summary>What has to be written so that the target has the row; null: it has.</summary>
    /// <param name="row">The row, as <see cref="Translate"/> has made it.</param>
    /// <param name="target">What the target has.</param>
    public static RowWrite? Find(TableRow row, TableRow? target)
    {
        if (target is null || !AreEqual(row.Properties, target.Properties)) return new RowWrite.Upsert(row.Key, row.Properties);
        return target.Timestamp < row.Timestamp ? new RowWrite.Touch(row.Key) : null;
    }

    private static bool Begins(RowKey key, string prefix) => key.Row.StartsWith(prefix, StringComparison.Ordinal);

    private static bool IsDelivery(RowKey key) => key.Partition.StartsWith(TableKeys.OutboxPrefix, StringComparison.Ordinal) && TableKeys.OutboxParts(key).Endpoint is not null;

    private static bool AreEqual(IReadOnlyDictionary<string, object> one, IReadOnlyDictionary<string, object> other) =>
        one.Count == other.Count && one.All(p => other.TryGetValue(p.Key, out var value) && AreEqual(p.Value, value));

    // Readers take both kinds of integers for the same.
    private static bool AreEqual(object one, object other) => (one, other) switch
    {
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (int a, long b) => a == b,
        (long a, int b) => a == b,
        _ => one.Equals(other),
    };
}

/// <summary>A row that is to be written.</summary>
/// <param name="Write">How.</param>
/// <param name="Row">The row, as it is to be.</param>
internal readonly record struct MovedRow(RowWrite Write, TableRow Row);
