using Serverless.Registry.Storage;

namespace Serverless.Registry.Rows;

/// <summary>A row of the queue. Whoever queues something merges nothing into the row, so a due time that is set stays: what is always busy has its turn too.</summary>
internal sealed class QueueEntry(TableRow row)
{
    /// <summary>The property that holds <see cref="Due"/>.</summary>
    public const string DueProperty = "due";

    /// <summary>When it is to be looked at, by the clock of storage; null when nobody has seen it yet.</summary>
    public DateTimeOffset? Due { get; } = row.FindTime(DueProperty);

    /// <summary>When it was last queued.</summary>
    public DateTimeOffset Queued => row.Timestamp;

    public bool IsDue(DateTimeOffset now) => Due is not { } due || due <= now;

    /// <summary>
    /// Gives an entry its first turn, whatever has become of it since it was read: by its ETag, a row that is announced again all the time would never get one. One that
    /// was taken out meanwhile comes back, and is looked at once more.
    /// </summary>
    public Task SetDueAsync(ITableStore tables, DateTimeOffset due, CancellationToken cancellationToken) => tables.WriteAsync(TableKeys.SystemTable, Queue(row.Key, due), cancellationToken);

    /// <summary>Gives the entry its next turn. Somebody else's change, which makes this fail, is looked at with the next run.</summary>
    public Task PostponeAsync(ITableStore tables, DateTimeOffset due, CancellationToken cancellationToken) =>
        tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Replace(row.Key, Properties(due), row.ETag), cancellationToken);

    /// <summary>Takes the entry out of the queue, unless it was queued again.</summary>
    public Task RemoveAsync(ITableStore tables, CancellationToken cancellationToken) =>
        tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(row.Key, row.ETag), cancellationToken);

    /// <summary>Queues something that cannot be garbage before that time.</summary>
    public static RowWrite Queue(RowKey key, DateTimeOffset due) => new RowWrite.UpsertMerge(key, Properties(due));

    private static Dictionary<string, object> Properties(DateTimeOffset due) => new() { [DueProperty] = RowTime.Format(due) };
}
