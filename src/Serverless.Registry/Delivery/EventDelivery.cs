using System.Runtime.CompilerServices;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Delivery;

/// <summary>Delivers events to endpoints, at least once, each time under the same id. Any number of instances may do so at once.</summary>
public sealed class EventDelivery
{
    private readonly RegistryContext _context;
    private readonly Dictionary<string, IEventEndpoint> _endpoints;
    private readonly IDeliveryObserver _observer;
    private readonly EndpointPauses _pauses = new();

    internal EventDelivery(RegistryContext context, IEnumerable<IEventEndpoint> endpoints, IDeliveryObserver observer) =>
        (_context, _endpoints, _observer) = (context, endpoints.ToDictionary(e => e.Subscription.Name), observer);

    /// <summary>The names of the endpoints.</summary>
    public IReadOnlyCollection<string> Endpoints => _endpoints.Keys;

    /// <summary>Delivers the events of a place to all endpoints.</summary>
    /// <returns>When it is worth while to come again, UTC, by the clock of storage; null when nothing is left, or somebody else sees to it.</returns>
    public async Task<DateTimeOffset?> DeliverAsync(EventPlace place, CancellationToken cancellationToken) =>
        (await Task.WhenAll(_endpoints.Keys.Select(e => DeliverAsync(place, e, cancellationToken)))).Min(t => t.Next);

    /// <summary>Delivers the events of a place to one endpoint. Whoever calls it comes again at the time that he is told.</summary>
    /// <param name="place">The place.</param>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="cancellationToken">Ends the turn.</param>
    public Task<DeliveryTurn> DeliverAsync(EventPlace place, string endpoint, CancellationToken cancellationToken) =>
        new PlaceDelivery(_context, place, _endpoints[endpoint], _pauses, _observer).RunAsync(returns: true, cancellationToken);

    /// <summary>What time it is by the clock of storage.</summary>
    public ValueTask<DateTimeOffset> NowAsync(CancellationToken cancellationToken) => _context.Shared.NowAsync(cancellationToken);

    /// <summary>Delivers what has been waiting, wherever it is, and tidies up.</summary>
    /// <param name="budget">After this time nothing new is begun.</param>
    /// <param name="cursor">Where to go on, and who is told how far it has come; null begins at the beginning and tells nobody.</param>
    /// <param name="cancellationToken">Ends the sweep at the next call to storage.</param>
    public Task<SweepSummary> SweepAsync(TimeSpan budget, WalkCursor? cursor, CancellationToken cancellationToken) =>
        new OutboxSweep(_context, _endpoints, _pauses, _observer).RunAsync(budget, cursor, cancellationToken);

    /// <summary>Lists the events that wait, in order of their places.</summary>
    public async IAsyncEnumerable<PendingEvent> ListPendingAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var entry in new OutboxSweep(_context, _endpoints, _pauses, _observer).EntriesAsync(null, cancellationToken))
        {
            if (EventPlace.Find(entry.Key.Row) is not { } place) continue;
            await foreach (var row in _context.Tables.ListAsync(place.Table, place.Events(), cancellationToken))
            {
                var (endpoint, id) = TableKeys.EventParts(row.Key);
                var state = entry.Deliveries.TryGetValue(endpoint, out var delivery) ? DeliveryState.Read(delivery) : new DeliveryState();
                yield return new PendingEvent(endpoint, id, place, EventRow.ReadOrNone(row, id), row.Timestamp) { Attempts = state.Attempts, Next = state.Next, Problem = state.Problem };
            }
        }
    }

    /// <summary>Lists the events that were given up, by endpoint, in order of their times.</summary>
    public IAsyncEnumerable<UndeliveredEvent> ListUndeliveredAsync(CancellationToken cancellationToken) => new UndeliveredEvents(_context).ListAsync(cancellationToken);

    /// <summary>A page of the events that were given up, by endpoint and then by time: one read.</summary>
    /// <param name="count">How many, at most.</param>
    /// <param name="after">The one after which to go on; it need not be there. Null: from the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<(IReadOnlyList<UndeliveredEvent> Events, bool More)> ListUndeliveredPageAsync(int count, (string Endpoint, string Id)? after, CancellationToken cancellationToken) =>
        new UndeliveredEvents(_context).ListPageAsync(count, after, cancellationToken);

    /// <summary>Has an event delivered that was given up, under its own id.</summary>
    /// <returns>Where it waits now; null when there is no such event.</returns>
    public Task<EventPlace?> ResendAsync(string endpoint, string id, CancellationToken cancellationToken) => new UndeliveredEvents(_context).ReturnAsync(endpoint, id, cancellationToken);

    /// <summary>Tells an endpoint of an event that has not happened, so that somebody sees whether it works.</summary>
    /// <param name="endpoint">The endpoint's name.</param>
    /// <param name="registryEvent">The event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task<DeliveryOutcome> TestAsync(string endpoint, RegistryEvent registryEvent, CancellationToken cancellationToken) => _endpoints[endpoint].SendAsync(registryEvent, cancellationToken);
}

/// <summary>An event that waits for its delivery.</summary>
/// <param name="Endpoint">The name of the endpoint that is to be told.</param>
/// <param name="Id">Its id.</param>
/// <param name="Place">Where it is.</param>
/// <param name="Events">What it tells: one event for each tag; empty when it cannot be read.</param>
/// <param name="WrittenAt">Since when, UTC, by the clock of storage.</param>
public sealed record PendingEvent(string Endpoint, string Id, EventPlace Place, IReadOnlyList<RegistryEvent> Events, DateTimeOffset WrittenAt)
{
    /// <summary>Attempts in succession that failed, for this place and endpoint.</summary>
    public int Attempts { get; init; }

    /// <summary>When the next attempt is due, UTC; null: at once.</summary>
    public DateTimeOffset? Next { get; init; }

    /// <summary>What went wrong last; null when nothing did.</summary>
    public string? Problem { get; init; }
}
