using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Delivery;

/// <summary>
/// Finds by the rows of the outbox what nobody has delivered: what was written when a process died, and what an endpoint did not take.
/// <code>
///   for each outbox row, with the deliveries beside it:
///     a delivery is due                          deliver
///     older than what may still rely on it,
///       and no event left:                       delete it by its ETag, with the deliveries
/// </code>
/// A writer relies on an outbox row for as long as on other announcements, and its batch may come as much later as a request may last. Until then the row is looked at a few times only.
/// </summary>
internal sealed class OutboxSweep(RegistryContext context, IReadOnlyDictionary<string, IEventEndpoint> endpoints, EndpointPauses pauses, IDeliveryObserver observer)
{
    private const int MaxParallel = 8;
    private const int Group = 64;

    // When an outbox row without known events is looked at, after it was written: a process may have died between its batch and its signal.
    private static readonly TimeSpan[] s_looks = [TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1)];

    private readonly UndeliveredEvents _undelivered = new(context);
    private readonly ConcurrentQueue<Exception> _failures = new();
    private TimeSpan _oldest;
    private int _places;

    /// <summary>Looks at all rows, as far as the time allows.</summary>
    /// <exception cref="AggregateException">Something went wrong at some places; the others had their turn.</exception>
    public async Task<SweepSummary> RunAsync(TimeSpan budget, WalkCursor? cursor, CancellationToken cancellationToken)
    {
        var (started, isFinished) = (context.TimeProvider.GetTimestamp(), true);
        var time = (await context.Shared.ReadAsync(cancellationToken)).Time;
        await foreach (var entries in EntriesAsync(cursor?.From, cancellationToken).Chunk(Group))
        {
            if (context.TimeProvider.GetElapsedTime(started) > budget)
            {
                isFinished = false;
                break;
            }

            await Parallel.ForEachAsync(
                entries, new ParallelOptions { MaxDegreeOfParallelism = MaxParallel, CancellationToken = cancellationToken }, async (entry, token) => await TryVisitAsync(entry, time, token));
            if (cursor is not null) await cursor.ReachedAsync(TableStoreExtensions.PlaceOf(entries[^1].LastKey), cancellationToken);
        }

        if (!_failures.IsEmpty) throw new AggregateException("Not all events could be looked at; the others were.", _failures);
        var purged = isFinished ? await _undelivered.PurgeAsync(time, cancellationToken) : 0;
        return new SweepSummary(_places, _oldest, purged, isFinished);
    }

    /// <summary>The rows of the outbox, each with the deliveries beside it.</summary>
    public async IAsyncEnumerable<OutboxEntry> EntriesAsync(string? from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        OutboxEntry? entry = null;
        await foreach (var row in context.Tables.ListFromAsync(TableKeys.SystemTable, TableKeys.Outbox, from, cancellationToken))
        {
            var (place, endpoint) = TableKeys.OutboxParts(row.Key);
            if (entry is not null && (entry.Key.Partition != row.Key.Partition || entry.Key.Row != place))
            {
                yield return entry;
                entry = null;
            }

            entry ??= new OutboxEntry(row.Key with { Row = place });
            entry.Add(row, endpoint);
        }

        if (entry is not null) yield return entry;
    }

    // One place that cannot be dealt with shall not stand before all others. Storage that does not answer is another matter.
    private async Task TryVisitAsync(OutboxEntry entry, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            await VisitAsync(entry, now, cancellationToken);
        }
        catch (Exception e) when (e is not (OperationCanceledException or StorageUnavailableException))
        {
            _failures.Enqueue(e);
        }
    }

    private async Task VisitAsync(OutboxEntry entry, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (EventPlace.Find(entry.Key.Row) is not { } place) return;
        Interlocked.Increment(ref _places);
        var due = endpoints.Keys.Where(e => IsDue(entry, e, now)).ToHashSet();
        if (IsOld(entry, now))
        {
            var left = await LeftAsync(place, now, cancellationToken);
            if (left.Count == 0)
            {
                await LeaveAsync(entry, cancellationToken);
                return;
            }

            // Whatever the rows say: nobody else may come for them any more.
            due.UnionWith(left.Where(e => endpoints.ContainsKey(e) && IsIdle(entry, e, now)));
        }

        var turns = await Task.WhenAll(due.Select(e => new PlaceDelivery(context, place, endpoints[e], pauses, observer).RunAsync(returns: false, cancellationToken)));
        foreach (var since in turns.Select(t => t.Since).OfType<DateTimeOffset>()) Age(now - since);
        foreach (var (name, row) in entry.Deliveries)
        {
            if (endpoints.ContainsKey(name) && !due.Contains(name) && DeliveryState.Read(row).Since is { } since) Age(now - since);
        }

        // Who delivers in the background comes at the times that are noted now; this one may not be back for hours.
        if (turns.Any(t => t.Next is not null)) context.Outbox.Raise(place);
    }

    private bool IsDue(OutboxEntry entry, string endpoint, DateTimeOffset now)
    {
        if (!entry.Deliveries.TryGetValue(endpoint, out var row)) return entry.Row is { } outbox && now - outbox.Timestamp >= s_looks[0];
        var state = DeliveryState.Read(row);
        if (state.IsHeld(now)) return false;
        if (state.Next is { } next) return next <= now;
        // Somebody who held it has died.
        if (state.Holder is not null) return true;
        return entry.Row is { } announced && s_looks.Append(Relied).Any(look => announced.Timestamp + look is var at && at <= now && row.Timestamp < at);
    }

    // Neither is somebody at it, nor has anybody said when to come again.
    private static bool IsIdle(OutboxEntry entry, string endpoint, DateTimeOffset now) =>
        !entry.Deliveries.TryGetValue(endpoint, out var row) || DeliveryState.Read(row) is { Next: null } state && !state.IsHeld(now);

    private TimeSpan Relied => context.Options.AnnouncementMemory + context.Options.LongestRequest;

    private bool IsOld(OutboxEntry entry, DateTimeOffset now) => entry.Row is not { } row || now - row.Timestamp > Relied;

    /// <summary>
    /// Whom events at a place are left for, one call for each: also for an endpoint that the settings do not name, whose events wait for it to be named again, and in the end are given up.
    /// </summary>
    private async Task<HashSet<string>> LeftAsync(EventPlace place, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var left = new HashSet<string>();
        var query = place.Events();
        while ((await context.Tables.TakeAsync(place.Table, query, 1, cancellationToken)).Rows is [var row])
        {
            var (endpoint, _) = TableKeys.EventParts(row.Key);
            if (!endpoints.ContainsKey(endpoint) && now - row.Timestamp > new EndpointOptions().MaxAge)
            {
                await _undelivered.TakeAsync(place, row, "the settings name no such endpoint", observer, cancellationToken);
                query = query with { From = row.Key.Row };
                continue;
            }

            left.Add(endpoint);
            // On with the next endpoint.
            query = query with { From = place.Events(endpoint).To };
            if (string.CompareOrdinal(query.From, query.To) >= 0) break;
        }

        return left;
    }

    private async Task LeaveAsync(OutboxEntry entry, CancellationToken cancellationToken)
    {
        List<RowWrite> batch = [.. entry.Deliveries.Values.Select(r => new RowWrite.Delete(r.Key, "*"))];
        // Whoever has announced events since then keeps all of it.
        if (entry.Row is { } row) batch.Insert(0, new RowWrite.Delete(row.Key, row.ETag));
        await context.Tables.WriteAsync(TableKeys.SystemTable, batch, cancellationToken);
    }

    private void Age(TimeSpan age)
    {
        lock (_undelivered)
        {
            if (age > _oldest) _oldest = age;
        }
    }
}

/// <summary>What the outbox knows of one place.</summary>
internal sealed class OutboxEntry(RowKey key)
{
    /// <summary>The key of its row.</summary>
    public RowKey Key { get; } = key;

    /// <summary>The row; null when only deliveries are left of it.</summary>
    public TableRow? Row { get; private set; }

    /// <summary>How deliveries stand, by endpoint.</summary>
    public Dictionary<string, TableRow> Deliveries { get; } = [];

    /// <summary>The key of the last of its rows.</summary>
    public RowKey LastKey { get; private set; } = key;

    /// <summary>Adds a row of its.</summary>
    public void Add(TableRow row, string? endpoint)
    {
        LastKey = row.Key;
        if (endpoint is null) Row = row;
        else Deliveries[endpoint] = row;
    }
}

/// <summary>What a sweep of the outbox has found.</summary>
/// <param name="Places">Repositories and blobs that were looked at.</param>
/// <param name="Oldest">How long the oldest event has waited that could not be delivered before; zero when there is none.</param>
/// <param name="Purged">Events that were given up long ago, and are not kept any more.</param>
/// <param name="IsFinished">Whether everything was looked at.</param>
public sealed record SweepSummary(int Places, TimeSpan Oldest, int Purged, bool IsFinished);
