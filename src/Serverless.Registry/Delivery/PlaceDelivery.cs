using System.Runtime.CompilerServices;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Delivery;

/// <summary>
/// Delivers one place's events to one endpoint: under a claim, in order of their times, until none is left or the endpoint does not take them. What was delivered is deleted afterwards, so
/// that a crash in between has it delivered again, under the same id.
/// </summary>
/// <param name="context">The registry.</param>
/// <param name="place">Where the events are.</param>
/// <param name="endpoint">Who is told.</param>
/// <param name="pauses">Which endpoints are left in peace.</param>
/// <param name="observer">Told of what becomes of events.</param>
internal sealed class PlaceDelivery(RegistryContext context, EventPlace place, IEventEndpoint endpoint, EndpointPauses pauses, IDeliveryObserver observer)
{
    // Rows that are read at a time; those that were delivered are deleted as many at a time.
    private const int PageSize = TableLimits.BatchCount;

    // Events that are refused one after the other before the endpoint is left in peace: it works, and may take the next one; but perhaps it knows nobody any more.
    private const int MaxRefused = 100;

    // Then somebody else has his turn. The Functions host ends functions that take longer than some times that.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(10);

    private readonly EventReferences _references = new(context);
    private readonly UndeliveredEvents _undelivered = new(context);
    private readonly List<TableRow> _done = [];

    // Of this pass: failures and refusals in succession, the last row that was looked at, and the last problem.
    private int _failures;
    private int _refused;
    private string? _last;
    private DeliveryOutcome? _problem;

    private enum End
    {
        Whole,
        Stopped,
        OutOfTime,
        Lost,
    }

    private string Name => endpoint.Subscription.Name;

    private bool IsStopped => _failures >= endpoint.Options.Threshold || _refused >= MaxRefused || (endpoint.Options.Ordered && _problem is not null);

    /// <param name="returns">Whether the caller comes again at the time that he is told.</param>
    /// <param name="cancellationToken">Ends the turn; the next one may begin at once.</param>
    public async Task<DeliveryTurn> RunAsync(bool returns, CancellationToken cancellationToken)
    {
        var (claim, turn) = await DeliveryClaim.TakeAsync(context, TableKeys.Delivery(place.OutboxKey, Name), pauses.Find(Name), cancellationToken);
        if (claim is null) return turn;
        var started = context.TimeProvider.GetTimestamp();
        while (true)
        {
            if (await TryPassAsync(claim, started, cancellationToken) is not { } state) return default;
            // An endpoint that does not work is not asked once more because somebody else has come.
            if (!await claim.ReleaseAsync(state, minds: state.Next is null || state.IsPassable, returns, cancellationToken)) continue;
            return new DeliveryTurn(claim.WasMarked && IsEarly(claim) && state.IsPassable ? null : state.Next, false, state.Since);
        }
    }

    /// <returns>How the delivery stands; null when somebody else has taken over.</returns>
    private async Task<DeliveryState?> TryPassAsync(DeliveryClaim claim, long started, CancellationToken cancellationToken)
    {
        try
        {
            var end = await PassAsync(claim, started, cancellationToken);
            return end == End.Lost ? null : await StandAsync(claim, end, cancellationToken);
        }
        catch
        {
            // Whoever is told to stop, or cannot go on, lets the next one begin at once; and there is something to begin with, as far as he knows.
            await claim.ReleaseAsync(claim.State with { Next = claim.State.Next ?? claim.TakenAt }, minds: false, returns: false, CancellationToken.None);
            throw;
        }
    }

    private async Task<End> PassAsync(DeliveryClaim claim, long started, CancellationToken cancellationToken)
    {
        (_failures, _refused, _last, _problem) = (0, 0, null, null);
        try
        {
            foreach (var range in Ranges(claim))
            {
                await foreach (var row in RowsAsync(range, cancellationToken))
                {
                    if (IsStopped) return End.Stopped;
                    if (context.TimeProvider.GetElapsedTime(started) > s_longest) return End.OutOfTime;
                    if (!await VisitAsync(claim, row, cancellationToken)) return End.Lost;
                    if (_done.Count >= PageSize) await DeleteAsync(cancellationToken);
                }
            }

            return End.Whole;
        }
        finally
        {
            await DeleteAsync(CancellationToken.None);
        }
    }

    /// <summary>All events: those after the place where the last attempt has stopped, and then those before it. Where they are in order, all from the first on.</summary>
    private IEnumerable<RowQuery> Ranges(DeliveryClaim claim)
    {
        var all = place.Events(Name);
        if (claim.State.After is not { } after || endpoint.Options.Ordered) return [all];
        var rest = all.After(after);
        return IsEarly(claim) ? [rest] : [rest, all with { To = rest.From }];
    }

    /// <summary>
    /// The rows in order of their times at storage. Their keys are by the clocks of instances, which differ by moments, so a page is told of when the next one has been read too.
    /// </summary>
    private async IAsyncEnumerable<TableRow> RowsAsync(RowQuery range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waiting = new PriorityQueue<TableRow, (DateTimeOffset, string)>(Comparer<(DateTimeOffset Time, string Key)>.Create(
            static (a, b) => a.Time != b.Time ? a.Time.CompareTo(b.Time) : string.CompareOrdinal(a.Key, b.Key)));
        var (continuation, more) = (default(string), true);
        while (true)
        {
            while (more && waiting.Count <= PageSize)
            {
                var page = await context.Tables.QueryAsync(place.Table, range with { PageSize = PageSize }, continuation, cancellationToken);
                foreach (var row in page.Rows) waiting.Enqueue(row, (row.Timestamp, row.Key.Row));
                continuation = page.Continuation;
                more = continuation is not null;
            }

            if (!waiting.TryDequeue(out var next, out _)) yield break;
            yield return next;
        }
    }

    /// <returns>False when somebody else has taken over.</returns>
    private async Task<bool> VisitAsync(DeliveryClaim claim, TableRow row, CancellationToken cancellationToken)
    {
        _last = row.Key.Row;
        IReadOnlyList<RegistryEvent> events;
        try
        {
            events = EventRow.Read(row, TableKeys.EventParts(row.Key).Id);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            await _undelivered.TakeAsync(place, row, $"the event cannot be read: {e.Message}", observer, cancellationToken);
            return true;
        }

        foreach (var one in events)
        {
            bool isDelivered;
            do
            {
                // The claim is longer than an attempt.
                if (!await claim.HoldAsync(cancellationToken)) return false;
                isDelivered = await SendAsync(one, cancellationToken);
            }
            while (!isDelivered && endpoint.Options.Ordered && _failures < endpoint.Options.Threshold);
            if (!isDelivered) return true;
        }

        _done.Add(row);
        return true;
    }

    private async Task<bool> SendAsync(RegistryEvent one, CancellationToken cancellationToken)
    {
        if (endpoint.Options.IncludeReferences) one = one with { References = await _references.OfAsync(one, cancellationToken) };
        var outcome = await TrySendAsync(one, cancellationToken);
        if (outcome.IsDelivered)
        {
            (_failures, _refused) = (0, 0);
            pauses.Clear(Name);
            observer.Delivered(Name, one);
            return true;
        }

        _problem = outcome;
        observer.Failed(Name, one, outcome.Problem!);
        if (outcome.IsRefused && !endpoint.Options.Ordered) _refused++;
        // Whoever says when he wants to be asked again is not asked before.
        else _failures = outcome.RetryAfter is null ? _failures + 1 : Math.Max(_failures + 1, endpoint.Options.Threshold);
        if (!outcome.IsRefused && _failures >= endpoint.Options.Threshold) pauses.Add(Name, endpoint.Options, outcome.RetryAfter, await context.Shared.NowAsync(cancellationToken));
        return false;
    }

    private async Task<DeliveryOutcome> TrySendAsync(RegistryEvent one, CancellationToken cancellationToken)
    {
        try
        {
            return await endpoint.SendAsync(one, cancellationToken);
        }
        catch (Exception e) when (e is not (OperationCanceledException or StorageUnavailableException))
        {
            // A bug, with this event perhaps and not with others: these shall not wait until it is mended.
            return new DeliveryOutcome($"the event could not be written or sent ({e.GetType().Name})", IsRefused: true);
        }
    }

    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (_done.Count == 0) return;
        await context.Tables.DeleteUnchangedAsync(place.Table, _done, cancellationToken);
        _done.Clear();
    }

    private async Task<DeliveryState> StandAsync(DeliveryClaim claim, End end, CancellationToken cancellationToken)
    {
        var before = claim.State;
        if (end == End.OutOfTime) return before with { Next = claim.TakenAt, After = _last, IsPassable = false };
        if (_problem is null) return IsEarly(claim) ? before with { After = _last ?? before.After } : new DeliveryState();
        var now = await context.Shared.NowAsync(cancellationToken);
        var since = await GiveUpOldAsync(now, cancellationToken);
        if (since is null) return new DeliveryState();
        // Where the endpoint takes others, those that come are not kept waiting for those that it has refused.
        var isPassable = end == End.Whole && _failures == 0 && !endpoint.Options.Ordered;
        var attempts = IsEarly(claim) && isPassable ? before.Attempts : before.Attempts + 1;
        return new DeliveryState
        {
            Attempts = attempts,
            Next = IsEarly(claim) && isPassable ? before.Next : now + EndpointPauses.Longer(_problem.RetryAfter, EndpointPauses.For(endpoint.Options, attempts)),
            After = end == End.Stopped || isPassable ? _last : null,
            IsPassable = isPassable,
            Since = since,
            Problem = _problem.Problem,
        };
    }

    /// <summary>Gives up what has become too old while the endpoint fails.</summary>
    /// <returns>How old the oldest event is that is left; null when none is.</returns>
    private async Task<DateTimeOffset?> GiveUpOldAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await foreach (var row in context.Tables.ListAsync(place.Table, place.Events(Name), cancellationToken))
        {
            // Events are in order of their times, but for moments.
            if (now - row.Timestamp <= endpoint.Options.MaxAge) return row.Timestamp;
            await _undelivered.TakeAsync(place, row, _problem!.Problem!, observer, cancellationToken);
        }

        return null;
    }

    // What was refused is not asked for again yet; only what has come since then.
    private static bool IsEarly(DeliveryClaim claim) => claim.State is { IsPassable: true, Next: { } next } && next > claim.TakenAt;
}
