using System.Threading.Channels;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;

namespace Serverless.Web.Events;

/// <summary>
/// Delivers to one endpoint, a few places at a time, so that one that hangs holds up nobody else's. A place is known here from the first news of it until nothing is left there, and then once,
/// however often it is told of:
/// <code>
///                news             a worker takes it                    nothing is left, and there was no news meanwhile
///   (unknown) ---------> queued --------------------> at work ---------------------------------------------> (unknown)
///                          ^                            | it is to be left in peace        --> resting   until its time
///                          '--- news, its time ---------' somebody else is at it           --> elsewhere until its time, or until there is news
/// </code>
/// </summary>
internal sealed class EndpointLane(string endpoint, EventDelivery delivery, TimeProvider time, Action<Exception> failed)
{
    private const int Workers = 4;

    // What is told of beyond that is found by the sweep.
    private const int MaxPlaces = 10_000;

    // When storage does not answer.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly Channel<EventPlace> _ready = Channel.CreateUnbounded<EventPlace>();
    private readonly Dictionary<EventPlace, Known> _known = [];

    private enum Stage
    {
        Queued,
        AtWork,
        AtWorkWithNews,
        Resting,
        Elsewhere,
    }

    /// <summary>There are events at a place.</summary>
    public void Add(EventPlace place)
    {
        lock (_known)
        {
            if (!_known.TryGetValue(place, out var known))
            {
                if (_known.Count < MaxPlaces) Queue(place);
            }
            else if (known.Stage == Stage.AtWork)
            {
                _known[place] = new Known(Stage.AtWorkWithNews);
            }
            else if (known.Stage == Stage.Elsewhere)
            {
                Queue(place);
            }
        }
    }

    /// <summary>Delivers until it is told to stop.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(stopping)));

    private async Task WorkAsync(CancellationToken stopping)
    {
        try
        {
            while (true)
            {
                var place = await _ready.Reader.ReadAsync(stopping);
                lock (_known) _known[place] = new Known(Stage.AtWork);
                await DeliverAsync(place, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The end; what is not delivered the next process finds.
        }
    }

    private async Task DeliverAsync(EventPlace place, CancellationToken stopping)
    {
        try
        {
            var turn = await delivery.DeliverAsync(place, endpoint, stopping);
            if (turn.Next is { } next) Rest(place, turn.IsHeld ? Stage.Elsewhere : Stage.Resting, next - await delivery.NowAsync(stopping), stopping);
            else End(place);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            failed(e);
            Rest(place, Stage.Resting, s_pause, stopping);
        }
    }

    private void End(EventPlace place)
    {
        lock (_known)
        {
            if (_known[place].Stage == Stage.AtWorkWithNews) Queue(place);
            else _known.Remove(place);
        }
    }

    private void Rest(EventPlace place, Stage stage, TimeSpan wait, CancellationToken stopping)
    {
        lock (_known)
        {
            if (stage == Stage.Elsewhere && _known[place].Stage == Stage.AtWorkWithNews)
            {
                Queue(place);
                return;
            }

            var known = _known[place] = new Known(stage);
            _ = ReturnAsync(place, known, wait, stopping);
        }
    }

    private async Task ReturnAsync(EventPlace place, Known known, TimeSpan wait, CancellationToken stopping)
    {
        if (wait > TimeSpan.Zero) await Task.Delay(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_known)
        {
            // Not when news was faster.
            if (_known.GetValueOrDefault(place) == known) Queue(place);
        }
    }

    private void Queue(EventPlace place)
    {
        _known[place] = new Known(Stage.Queued);
        _ready.Writer.TryWrite(place);
    }

    // Compared as an object: each rest is another.
    private sealed class Known(Stage stage)
    {
        public Stage Stage => stage;
    }
}
