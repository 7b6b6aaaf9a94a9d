using Serverless.Registry.Storage;

namespace Serverless.Registry.Rows;

/// <summary>A row of the queue. Whoever queues something merges nothing into the row, so a due time that is set stays: what is always busy has its turn too.</summary>
internal sealed class QueueEntry(TableRow row)
{
    /// <summary>The property that holds <see cref="Due"/>.</summary>
    public const string DueProperty = "due";

    private const string LocationProperty = "location";

    /// <summary>Its row as it was read.</summary>
    public TableRow Row => row;

    /// <summary>When it is to be looked at, by the clock of storage; null when nobody has seen it yet.</summary>
    public DateTimeOffset? Due { get; } = row.FindTime(DueProperty);

    /// <summary>When it was last queued.</summary>
    public DateTimeOffset Queued => row.Timestamp;

    /// <summary>Of a digest: the bytes that a collector was about to delete; null when none was. It may have done so, and may have died before.</summary>
    public string? Location => row.FindString(LocationProperty) is { Length: > 0 } location ? location : null;

    public bool IsDue(DateTimeOffset now) => Due is not { } due || due <= now;

    /// <summary>
    /// Gives an entry its first turn, whatever has become of it since it was read: by its ETag, a row that is announced again all the time would never get one. One that
    /// was taken out meanwhile comes back, and is looked at once more.
    /// </summary>
    public Task SetDueAsync(ITableStore tables, DateTimeOffset due, CancellationToken cancellationToken) => tables.WriteAsync(TableKeys.SystemTable, Queue(row.Key, due), cancellationToken);

    /// <summary>Gives the entry its next turn. Somebody else's change, which makes this fail, is looked at with the next run.</summary>
    public Task PostponeAsync(ITableStore tables, DateTimeOffset due, CancellationToken cancellationToken) =>
        tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Merge(row.Key, Properties(due), row.ETag), cancellationToken);

    /// <summary>As <see cref="PostponeAsync"/>; the bytes that it names are gone, or somebody's again.</summary>
    public Task PostponeAndClearAsync(ITableStore tables, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var properties = Properties(due);
        properties[LocationProperty] = "";
        return tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Merge(row.Key, properties, row.ETag), cancellationToken);
    }

    /// <summary>Remembers which bytes are about to be deleted.</summary>
    /// <returns>The entry with its new version; null when somebody else has changed it.</returns>
    public async Task<QueueEntry?> RecordAsync(ITableStore tables, string location, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, object> { [LocationProperty] = location };
        var result = await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Merge(row.Key, properties, row.ETag), cancellationToken);
        if (!result.Done) return null;
        var merged = new Dictionary<string, object>(row.Properties) { [LocationProperty] = location };
        // Its age is still that of the announcement.
        return new QueueEntry(new TableRow(row.Key, merged, result.ETag!, row.Timestamp));
    }

    /// <summary>Takes the entry out of the queue, unless it was queued again.</summary>
    public Task RemoveAsync(ITableStore tables, CancellationToken cancellationToken) =>
        tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(row.Key, row.ETag), cancellationToken);

    /// <summary>Queues many things at once, with one due time for all: a call for each partition of the queue that they are in, all at the same time.</summary>
    public static Task QueueAsync(ITableStore tables, IEnumerable<RowKey> keys, DateTimeOffset due, CancellationToken cancellationToken) => Task.WhenAll(
        keys.Select(k => Queue(k, due)).GroupBy(w => w.Key.Partition).Select(rows => tables.WriteAsync(TableKeys.SystemTable, [.. rows], cancellationToken)));

    /// <summary>Queues something that cannot be garbage before that time.</summary>
    public static RowWrite Queue(RowKey key, DateTimeOffset due) => new RowWrite.UpsertMerge(key, Properties(due));

    private static Dictionary<string, object> Properties(DateTimeOffset due) => new() { [DueProperty] = RowTime.Format(due) };
}
