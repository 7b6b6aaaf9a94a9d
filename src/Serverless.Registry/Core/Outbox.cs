using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// The events of changes. They are written with the change itself, so that there is neither a change without its event nor an event without its change:
/// <code>
///   outbox row in the system table      before the batch, as other announcements: a sweep finds by it whatever a crash leaves
///   batch: inserts of the events, and the change
///   signal                              somebody delivers
/// </code>
/// Each endpoint that wants to be told has a row of its own, which goes when it has been told. Where no endpoint wants to, nothing of this exists and no call is made. The inserts also tell
/// a batch that is sent again, because its answer was lost.
/// </summary>
internal sealed class Outbox(ITableStore tables, Announcements announcements, SharedRows shared, IReadOnlyList<EventSubscription> subscriptions, IEventSignal? signal)
{
    /// <summary>How many rows a change may add to its batch.</summary>
    public int MaxRows => subscriptions.Count;

    /// <summary>Says beforehand that there may be events of a repository. In parallel with other announcements.</summary>
    public Task AnnounceAsync(EventAction action, RepositoryName repository, CancellationToken cancellationToken) =>
        IsWanted(action, repository, isBlob: false) ? announcements.NoteAsync(EventPlace.Of(repository).OutboxKey, cancellationToken) : Task.CompletedTask;

    /// <summary>Says beforehand that there may be events of a blob.</summary>
    public Task AnnounceAsync(EventAction action, RepositoryName repository, Digest blob, CancellationToken cancellationToken) =>
        IsWanted(action, repository, isBlob: true) ? announcements.NoteAsync(EventPlace.Of(blob).OutboxKey, cancellationToken) : Task.CompletedTask;

    /// <summary>Makes the events of a change, for the batch that makes the change; asked shortly before it is sent.</summary>
    public async ValueTask<OutboxBatch> PrepareAsync(RegistryChange change, ChangeOrigin origin, CancellationToken cancellationToken)
    {
        if (subscriptions.Count == 0) return OutboxBatch.Empty;
        var wanted = subscriptions.Where(s => s.Wants(change.Action, change.Repository, change.IsBlob) && !s.Ignores(change.MediaType)).ToList();
        if (wanted.Count == 0) return OutboxBatch.Empty;
        var place = change.IsBlob ? EventPlace.Of(change.Digest!.Value) : EventPlace.Of(change.Repository);
        // Again, where the request has taken so long that nobody may rely on what was announced at its beginning.
        await announcements.NoteAsync(place.OutboxKey, cancellationToken);
        var now = await shared.NowAsync(cancellationToken);
        var (id, properties) = (EventRow.NewId(now), EventRow.Of(change, origin, now));
        return new OutboxBatch([.. wanted.Select(s => new RowWrite.Insert(place.Event(s.Name, id), properties))], () => signal?.Raise(place));
    }

    /// <summary>Says that there are events at a place, and that nobody may have said so before.</summary>
    public void Raise(EventPlace place) => signal?.Raise(place);

    /// <summary>Tells of a pull, which changes nothing.</summary>
    public async Task TellAsync(RegistryChange change, ChangeOrigin origin, CancellationToken cancellationToken)
    {
        var events = await PrepareAsync(change, origin, cancellationToken);
        if (events.IsEmpty) return;
        // Inserted once already is as good: the answer to a first try was lost.
        await tables.WriteAsync(change.IsBlob ? TableKeys.BlobsTable : TableKeys.RegistryTable, events.Inserts, cancellationToken);
        events.Raise();
    }

    /// <summary>That a manifest or a tag is deleted, whatever can be read of its row.</summary>
    public static RegistryChange Deletion(RepositoryName repository, Digest digest, TableRow row) => new(EventAction.Delete, repository)
    {
        Digest = digest,
        MediaType = row.FindString(ManifestRow.MediaTypeProperty),
        Size = row.Properties.GetValueOrDefault(ManifestRow.SizeProperty) as long?,
        ArtifactType = ManifestRow.ArtifactType(row),
    };

    private bool IsWanted(EventAction action, RepositoryName repository, bool isBlob) => subscriptions.Any(s => s.Wants(action, repository, isBlob));
}

/// <summary>The events of one change.</summary>
/// <param name="Inserts">What the batch begins with.</param>
/// <param name="Raise">Says that the batch was applied.</param>
internal sealed record OutboxBatch(IReadOnlyList<RowWrite> Inserts, Action Raise)
{
    /// <summary>No events.</summary>
    public static OutboxBatch Empty { get; } = new([], static () => { });

    /// <summary>Whether there are no events.</summary>
    public bool IsEmpty => Inserts.Count == 0;
}
