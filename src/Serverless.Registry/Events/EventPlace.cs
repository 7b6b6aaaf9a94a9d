using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Events;

/// <summary>Where events are until they are delivered: in the partition of the repository or blob whose change they tell of, so that one batch writes both.</summary>
public sealed record EventPlace
{
    private EventPlace(RepositoryName? repository, Digest? blob) => (Repository, Blob) = (repository, blob);

    /// <summary>The repository; null when the place is a blob's.</summary>
    public RepositoryName? Repository { get; }

    /// <summary>The blob; null when the place is a repository's.</summary>
    public Digest? Blob { get; }

    /// <summary>The row that says that there are events, or may soon be.</summary>
    internal RowKey OutboxKey => Blob is { } blob ? TableKeys.OutboxOf(blob) : TableKeys.OutboxOf(Repository!.Value);

    /// <summary>The table of the events.</summary>
    internal string Table => Blob is null ? TableKeys.RegistryTable : TableKeys.BlobsTable;

    /// <summary>A repository's place.</summary>
    public static EventPlace Of(RepositoryName repository) => new(repository, null);

    /// <summary>A blob's place.</summary>
    public static EventPlace Of(Digest blob) => new(null, blob);

    /// <summary>Reads what <see cref="ToString"/> has written; null when it is no place.</summary>
    public static EventPlace? Find(string text) =>
        Digest.TryParse(text, out var digest) ? Of(digest) : TableKeys.TryDecode(text, out var repository) ? Of(repository) : null;

    /// <summary>The place as keys and messages have it.</summary>
    public override string ToString() => OutboxKey.Row;

    internal RowKey Event(string endpoint, string id) => Blob is { } blob ? TableKeys.Event(blob, endpoint, id) : TableKeys.Event(Repository!.Value, endpoint, id);

    /// <summary>The events for all endpoints.</summary>
    internal RowQuery Events() => Blob is { } blob ? RowQuery.Prefix(blob.ToString(), TableKeys.BlobEventPrefix) : RowQuery.Prefix(TableKeys.Encode(Repository!.Value), TableKeys.EventPrefix);

    /// <summary>The events for an endpoint, in order of their times.</summary>
    internal RowQuery Events(string endpoint) => Blob is { } blob
        ? RowQuery.Prefix(blob.ToString(), $"{TableKeys.BlobEventPrefix}{endpoint}:")
        : RowQuery.Prefix(TableKeys.Encode(Repository!.Value), $"{TableKeys.EventPrefix}{endpoint}:");
}
