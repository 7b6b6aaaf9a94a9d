using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;

namespace Serverless.Functions;

/// <summary>Delivers the events of a place that a message names.</summary>
public sealed partial class EventsFunction(EventDelivery delivery, EventQueue queue, ILogger<EventsFunction> logger)
{
    [Function("Events")]
    public async Task RunAsync([QueueTrigger($"%{EventQueue.NameSetting}%", Connection = EventQueue.Connection)] string message, CancellationToken cancellationToken)
    {
        if (EventPlace.Find(message) is not { } place)
        {
            LogNoPlace();
            return;
        }

        // An endpoint that does not answer is not asked five times and then forgotten, as the host does with messages: a new message comes when the endpoint may be asked again.
        if (await delivery.DeliverAsync(place, cancellationToken) is { } next) await queue.SendAsync(place, next - await delivery.NowAsync(cancellationToken), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message in the queue of events is not the registry's")]
    private partial void LogNoPlace();
}
