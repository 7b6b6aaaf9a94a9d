using System.Threading.Channels;
using Serverless.Registry.Events;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Events;

/// <summary>Carries the news of events from those who write them to those who deliver them, in this process. It may lose some: the outbox has all of them.</summary>
public sealed class EventSignals : IEventSignal
{
    private const int Most = 10_000;

    private readonly Channel<EventPlace> _places = Channel.CreateBounded<EventPlace>(new BoundedChannelOptions(Most) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly EventMetrics _metrics;

    internal EventSignals(EventMetrics metrics) => _metrics = metrics;

    /// <inheritdoc/>
    public void Raise(EventPlace place)
    {
        _metrics.Queued();
        _places.Writer.TryWrite(place);
    }

    /// <summary>Waits for news, and takes all that there is by then, each place once.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IReadOnlyCollection<EventPlace>> TakeAsync(CancellationToken cancellationToken)
    {
        await _places.Reader.WaitToReadAsync(cancellationToken);
        return TakeAll();
    }

    /// <summary>Takes all news that there is, each place once.</summary>
    public IReadOnlyCollection<EventPlace> TakeAll()
    {
        HashSet<EventPlace> places = [];
        while (_places.Reader.TryRead(out var place)) places.Add(place);
        return places;
    }
}
