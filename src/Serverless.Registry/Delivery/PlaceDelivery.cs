using System.Security.Cryptography;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Delivery;

/// <summary>
/// Delivers one place's events to one endpoint: under a claim, in order of their times, until none is left or the endpoint does not take them. What was delivered is deleted afterwards, so
/// that a crash in between has it delivered again, under the same id.
/// </summary>
internal sealed class PlaceDelivery(RegistryContext context, EventPlace place, IEventEndpoint endpoint, IDeliveryObserver observer)
{
    // Rows that are read at a time; those of them that were delivered are deleted in one call.
    private const int PageSize = TableLimits.BatchCount;

    // Events that are refused one after the other before the endpoint is left in peace: it works, and may take the next one; but perhaps it knows nobody any more.
    private const int MaxRefused = 100;

    private readonly EventReferences _references = new(context);
    private readonly UndeliveredEvents _undelivered = new(context);
    private readonly List<TableRow> _done = [];

    // Of this pass: failures and refusals in succession, the oldest event that was not delivered, and the last problem.
    private int _failures;
    private int _refused;
    private DateTimeOffset? _since;
    private DeliveryOutcome? _problem;

    // Somebody else has taken over.
    private bool _isLost;

    private string Name => endpoint.Subscription.Name;

    /// <returns>When it is worth while to come again; null when nothing is left to do.</returns>
    public async Task<DateTimeOffset?> RunAsync(CancellationToken cancellationToken)
    {
        var (claim, next) = await DeliveryClaim.TakeAsync(context, TableKeys.Delivery(place.OutboxKey, Name), cancellationToken);
        if (claim is null) return next;
        while (true)
        {
            var state = await TryPassAsync(claim, cancellationToken);
            if (state is null) return null;
            // An endpoint that does not work is not asked once more because somebody else has come.
            if (await claim.ReleaseAsync(state, minds: state.Next is null, cancellationToken)) return state.Next;
        }
    }

    /// <returns>How the delivery stands; null when somebody else has taken over.</returns>
    private async Task<DeliveryState?> TryPassAsync(DeliveryClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            return await PassAsync(claim, cancellationToken) ? await StandAsync(claim.State, cancellationToken) : null;
        }
        catch
        {
            // Whoever is told to stop, or cannot go on, lets the next one begin at once.
            await claim.ReleaseAsync(claim.State, minds: false, CancellationToken.None);
            throw;
        }
    }

    /// <returns>False when somebody else has taken over.</returns>
    private async Task<bool> PassAsync(DeliveryClaim claim, CancellationToken cancellationToken)
    {
        (_failures, _refused, _since, _problem) = (0, 0, null, null);
        string? continuation = null;
        try
        {
            do
            {
                var page = await context.Tables.QueryAsync(place.Table, place.Events(Name) with { PageSize = PageSize }, continuation, cancellationToken);
                // Ids are by the clocks of instances; the order is that of storage.
                foreach (var row in page.Rows.OrderBy(r => r.Timestamp).ThenBy(r => r.Key.Row, StringComparer.Ordinal))
                {
                    var goOn = await VisitAsync(claim, row, page.Time, cancellationToken);
                    if (_isLost) return false;
                    if (!goOn) return true;
                }

                await DeleteAsync(cancellationToken);
                continuation = page.Continuation;
            }
            while (continuation is not null);

            return true;
        }
        finally
        {
            await DeleteAsync(CancellationToken.None);
        }
    }

    /// <returns>Whether to go on with the next row.</returns>
    private async Task<bool> VisitAsync(DeliveryClaim claim, TableRow row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isOld = now - row.Timestamp > endpoint.Options.MaxAge;
        // The endpoint is not asked any more. Events are in order of their times, but for moments.
        if (IsStopped) return isOld ? await GiveUpAsync(row, _problem!.Problem!, cancellationToken) : Leave(row, goOn: false);
        var (_, id) = TableKeys.EventParts(row.Key);
        IReadOnlyList<RegistryEvent> events;
        try
        {
            events = EventRow.Read(row, id);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            return await GiveUpAsync(row, $"the event cannot be read: {e.Message}", cancellationToken);
        }

        foreach (var one in events)
        {
            if (await SendAsync(claim, one, cancellationToken)) continue;
            if (_isLost) return false;
            return isOld ? await GiveUpAsync(row, _problem!.Problem!, cancellationToken) : Leave(row, goOn: true);
        }

        _done.Add(row);
        return true;
    }

    private bool IsStopped => _failures >= endpoint.Options.Threshold || _refused >= MaxRefused || (endpoint.Options.Ordered && _problem is not null);

    /// <summary>Tells of an event; where events are in order, as often as the endpoint may fail in succession.</summary>
    private async Task<bool> SendAsync(DeliveryClaim claim, RegistryEvent one, CancellationToken cancellationToken)
    {
        if (endpoint.Options.IncludeReferences) one = one with { References = await _references.OfAsync(one, cancellationToken) };
        do
        {
            // The claim is longer than an attempt.
            if (_isLost = !await claim.HoldAsync(cancellationToken)) return false;
            var outcome = await endpoint.SendAsync(one, cancellationToken);
            if (outcome.IsDelivered)
            {
                (_failures, _refused) = (0, 0);
                observer.Delivered(Name, one);
                return true;
            }

            if (outcome.IsRefused && !endpoint.Options.Ordered) _refused++;
            else _failures++;
            _problem = outcome;
            observer.Failed(Name, one, outcome.Problem!);
            // Whoever says when he wants to be asked again is not asked before.
            if (outcome.RetryAfter is not null) _failures = Math.Max(_failures, endpoint.Options.Threshold);
        }
        while (endpoint.Options.Ordered && _failures < endpoint.Options.Threshold);

        return false;
    }

    private bool Leave(TableRow row, bool goOn)
    {
        if (_since is null || row.Timestamp < _since) _since = row.Timestamp;
        return goOn;
    }

    private async Task<bool> GiveUpAsync(TableRow row, string reason, CancellationToken cancellationToken)
    {
        await _undelivered.TakeAsync(place, row, reason, cancellationToken);
        observer.GivenUp(Name, TableKeys.EventParts(row.Key).Id, reason);
        return true;
    }

    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        if (_done.Count == 0) return;
        // An event never changes, so it is the one that was delivered.
        await context.Tables.DeleteUnchangedAsync(place.Table, _done, cancellationToken);
        _done.Clear();
    }

    private async Task<DeliveryState> StandAsync(DeliveryState before, CancellationToken cancellationToken)
    {
        if (_since is null) return new DeliveryState();
        var (now, attempts) = (await context.Shared.NowAsync(cancellationToken), before.Attempts + 1);
        return new DeliveryState { Attempts = attempts, Next = now + (_problem?.RetryAfter ?? Pause(attempts)), Since = _since, Problem = _problem?.Problem };
    }

    // Many who wait for one endpoint shall not all come back at the same moment.
    private TimeSpan Pause(int attempts)
    {
        var pause = endpoint.Options.Backoff * Math.Pow(2, Math.Min(attempts - 1, 30));
        if (pause > endpoint.Options.MaxBackoff) pause = endpoint.Options.MaxBackoff;
        return pause * (0.8 + (RandomNumberGenerator.GetInt32(400) / 1000.0));
    }
}
