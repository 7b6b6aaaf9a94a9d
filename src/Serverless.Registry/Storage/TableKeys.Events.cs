using Serverless.Registry.Oci;

namespace Serverless.Registry.Storage;

// The keys of events, in all tables.
public static partial class TableKeys
{
    /// <summary>Prefix of the events of a repository.</summary>
    public const string EventPrefix = "e:";

    /// <summary>Prefix of the events of a blob: no link, and no scan of links, reaches as far.</summary>
    public const string BlobEventPrefix = "~e:";

    /// <summary>Begins the partitions of what has events.</summary>
    public const string OutboxPrefix = "outbox:";

    /// <summary>Partition of the events that were given up.</summary>
    public const string UndeliveredPartition = "undelivered";

    // Lower than every character that a name of a repository goes on with, so that all that is of one stands side by side.
    private const char EndpointMark = '+';

    /// <summary>All that has events, or had some a short while ago.</summary>
    public static RowQuery Outbox { get; } = RowQuery.Partitions(OutboxPrefix);

    /// <summary>All events that were given up.</summary>
    public static RowQuery Undelivered { get; } = RowQuery.Prefix(UndeliveredPartition, "");

    /// <summary>A repository that has events.</summary>
    public static RowKey OutboxOf(RepositoryName repository) => QueueKey(OutboxPrefix, Encode(repository));

    /// <summary>A blob that has events.</summary>
    public static RowKey OutboxOf(Digest digest) => QueueKey(OutboxPrefix, digest.ToString());

    /// <summary>How the delivery of what has events to an endpoint stands.</summary>
    public static RowKey Delivery(RowKey outbox, string endpoint) => outbox with { Row = $"{outbox.Row}{EndpointMark}{endpoint}" };

    /// <summary>What an outbox row is of, and the endpoint of one that tells how its delivery stands; null where it tells that there are events.</summary>
    public static (string Place, string? Endpoint) OutboxParts(RowKey key) =>
        key.Row.IndexOf(EndpointMark, StringComparison.Ordinal) is var mark and >= 0 ? (key.Row[..mark], key.Row[(mark + 1)..]) : (key.Row, null);

    /// <summary>An event of a repository for an endpoint.</summary>
    public static RowKey Event(RepositoryName repository, string endpoint, string id) => new(Encode(repository), $"{EventPrefix}{endpoint}:{id}");

    /// <summary>An event of a blob for an endpoint.</summary>
    public static RowKey Event(Digest digest, string endpoint, string id) => new(digest.ToString(), $"{BlobEventPrefix}{endpoint}:{id}");

    /// <summary>The endpoint that an event is for, and the event's id.</summary>
    /// <exception cref="FormatException">The key is of no event.</exception>
    public static (string Endpoint, string Id) EventParts(RowKey key)
    {
        var parts = key.Row.Split(':', 3);
        return parts.Length == 3 ? (parts[1], parts[2]) : throw new FormatException("The key is of no event.");
    }

    /// <summary>An event that was given up.</summary>
    public static RowKey UndeliveredEvent(string endpoint, string id) => new(UndeliveredPartition, $"{endpoint}:{id}");
}
