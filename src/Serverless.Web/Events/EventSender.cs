using Serverless.Registry.Delivery;

namespace Serverless.Web.Events;

/// <summary>Delivers events in the background of a process that lives long; what it misses the maintenance task finds.</summary>
public sealed partial class EventSender : BackgroundService
{
    private readonly EventSignals _signals;
    private readonly EventDelivery _delivery;
    private readonly TimeProvider _time;
    private readonly ILogger<EventSender> _logger;

    /// <summary>A sender for all endpoints.</summary>
    /// <param name="signals">Where the news of events comes from.</param>
    /// <param name="delivery">Delivers them.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of what goes wrong.</param>
    public EventSender(EventSignals signals, EventDelivery delivery, TimeProvider time, ILogger<EventSender> logger) =>
        (_signals, _delivery, _time, _logger) = (signals, delivery, time, logger);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        EndpointLane[] lanes = [.. _delivery.Endpoints.Select(name => new EndpointLane(name, _delivery, _time, e => LogFailed(e, name)))];
        if (lanes.Length == 0) return;
        var working = Task.WhenAll(lanes.Select(lane => lane.RunAsync(stoppingToken)));
        try
        {
            while (true)
            {
                foreach (var place in await _signals.TakeAsync(stoppingToken))
                {
                    foreach (var lane in lanes) lane.Add(place);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await working;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events for {Endpoint} could not be read or noted as delivered; they are tried again")]
    private partial void LogFailed(Exception exception, string endpoint);
}
