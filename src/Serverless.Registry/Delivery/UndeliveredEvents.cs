using System.Runtime.CompilerServices;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Delivery;

/// <summary>Events that were given up. They are kept for a while, for a person to look at and to send again.</summary>
internal sealed class UndeliveredEvents(RegistryContext context)
{
    /// <summary>How long they are kept.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    private const string PlaceProperty = "place";
    private const string ReasonProperty = "reason";

    /// <summary>Puts an event there, and only then takes it away where it was, unless somebody has put it back meanwhile.</summary>
    public async Task TakeAsync(EventPlace place, TableRow row, string reason, IDeliveryObserver observer, CancellationToken cancellationToken)
    {
        var (endpoint, id) = TableKeys.EventParts(row.Key);
        var properties = new Dictionary<string, object>(row.Properties) { [PlaceProperty] = place.ToString(), [ReasonProperty] = reason };
        await context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.UndeliveredEvent(endpoint, id), properties), cancellationToken);
        await context.Tables.WriteAsync(place.Table, new RowWrite.Delete(row.Key, row.ETag), cancellationToken);
        observer.GivenUp(endpoint, id, reason);
    }

    public async IAsyncEnumerable<UndeliveredEvent> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in context.Tables.ListAsync(TableKeys.SystemTable, TableKeys.Undelivered, cancellationToken))
        {
            if (Read(row) is { } found) yield return found;
        }
    }

    /// <summary>A page of them, by endpoint and then by time: one read.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="after">The one after which to go on; it need not be there. Null: from the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(IReadOnlyList<UndeliveredEvent> Events, bool More)> ListPageAsync(int count, (string Endpoint, string Id)? after, CancellationToken cancellationToken)
    {
        var query = after is var (endpoint, id) ? TableKeys.Undelivered.After(TableKeys.UndeliveredEvent(endpoint, id).Row) : TableKeys.Undelivered;
        var (rows, more) = await context.Tables.TakeAsync(TableKeys.SystemTable, query, count, cancellationToken);
        List<UndeliveredEvent> found = [.. rows.Select(Read).OfType<UndeliveredEvent>()];
        return (found, more && found.Count > 0);
    }

    /// <summary>Puts an event back to where it was, so that it is delivered like a new one, under its own id.</summary>
    /// <returns>Where; null when there is no such event.</returns>
    public async Task<EventPlace?> ReturnAsync(string endpoint, string id, CancellationToken cancellationToken)
    {
        var key = TableKeys.UndeliveredEvent(endpoint, id);
        if (await context.Tables.FindAsync(TableKeys.SystemTable, key, cancellationToken) is not { } row || PlaceOf(row) is not { } place) return null;
        await context.Announcements.NoteAsync(place.OutboxKey, cancellationToken);
        var properties = row.Properties.Where(p => p.Key is not (PlaceProperty or ReasonProperty)).ToDictionary(StringComparer.Ordinal);
        // Written anew also where it is still there: whoever is about to take it away does so by the version that he read. Its age begins again.
        await context.Tables.WriteAsync(place.Table, new RowWrite.Upsert(place.Event(endpoint, id), properties), cancellationToken);
        await context.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(key, row.ETag), cancellationToken);
        context.Outbox.Raise(place);
        return place;
    }

    /// <summary>Drops what has been kept for long enough.</summary>
    public async Task<int> PurgeAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var count = 0;
        var query = TableKeys.Undelivered with { Select = [] };
        await foreach (var rows in context.Tables.ListAsync(TableKeys.SystemTable, query, cancellationToken).Where(r => now - r.Timestamp > Kept).Chunk(TableLimits.BatchCount))
        {
            count += (await context.Tables.DeleteUnchangedAsync(TableKeys.SystemTable, rows, cancellationToken)).Count;
        }

        return count;
    }

    private static EventPlace? PlaceOf(TableRow row) => row.FindString(PlaceProperty) is { } text ? EventPlace.Find(text) : null;

    // What a person has written there, and is of no place, is passed over.
    private static UndeliveredEvent? Read(TableRow row)
    {
        if (PlaceOf(row) is not { } place || row.Key.Row.Split(':', 2) is not [var endpoint, var id]) return null;
        return new UndeliveredEvent(endpoint, id, place, EventRow.ReadOrNone(row, id), row.FindString(ReasonProperty) ?? "", row.Timestamp);
    }
}

/// <summary>An event that was given up.</summary>
/// <param name="Endpoint">The name of the endpoint that was to be told.</param>
/// <param name="Id">Its id, by which it can be sent again.</param>
/// <param name="Place">Where it was.</param>
/// <param name="Events">What it tells: one event for each tag; empty when it cannot be read.</param>
/// <param name="Reason">Why it was given up.</param>
/// <param name="GivenUpAt">When, UTC, by the clock of storage.</param>
public sealed record UndeliveredEvent(string Endpoint, string Id, EventPlace Place, IReadOnlyList<RegistryEvent> Events, string Reason, DateTimeOffset GivenUpAt);
