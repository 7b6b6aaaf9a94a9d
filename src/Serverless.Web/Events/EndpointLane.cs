using System.Collections.Concurrent;
using System.Threading.Channels;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;

namespace Serverless.Web.Events;

/// <summary>
/// Delivers to one endpoint, a few places at a time, so that one that hangs holds up nobody else's. A place is known here while it waits, is being delivered or is left in peace, and
/// then once, however often it is told of.
/// </summary>
internal sealed class EndpointLane(string endpoint, EventDelivery delivery, TimeProvider time, Action<Exception> failed)
{
    private const int Workers = 4;

    // What is told of beyond that is found by the sweep.
    private const int MaxPlaces = 10_000;

    // When storage does not answer.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly Channel<EventPlace> _ready = Channel.CreateUnbounded<EventPlace>();

    // Whether there was news of a place since its delivery began.
    private readonly ConcurrentDictionary<EventPlace, bool> _known = new();

    /// <summary>There are events at a place.</summary>
    public void Add(EventPlace place)
    {
        while (true)
        {
            if (_known.TryGetValue(place, out var news))
            {
                if (news || _known.TryUpdate(place, true, false)) return;
            }
            else if (_known.Count >= MaxPlaces)
            {
                return;
            }
            else if (_known.TryAdd(place, true))
            {
                _ready.Writer.TryWrite(place);
                return;
            }
        }
    }

    /// <summary>Delivers until it is told to stop.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(stopping)));

    private async Task WorkAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var place = await _ready.Reader.ReadAsync(stopping);
                _known[place] = false;
                await DeliverAsync(place, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task DeliverAsync(EventPlace place, CancellationToken stopping)
    {
        TimeSpan? pause;
        try
        {
            var next = await delivery.DeliverAsync(place, endpoint, stopping);
            pause = next is { } at ? at - await delivery.NowAsync(stopping) : null;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            failed(e);
            pause = s_pause;
        }

        if (pause is { } wait) _ = ReturnAsync(place, wait, stopping);
        else if (!_known.TryRemove(new(place, false))) _ready.Writer.TryWrite(place);
    }

    private async Task ReturnAsync(EventPlace place, TimeSpan wait, CancellationToken stopping)
    {
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ready.Writer.TryWrite(place);
    }
}
