using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Health;
using Serverless.Registry.Oci;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Events;

/// <summary>Tells in the log and in metrics what becomes of events.</summary>
internal sealed partial class DeliveryLog(EventMetrics metrics, HealthOptions options, TimeProvider time, ILogger<DeliveryLog> logger) : IDeliveryObserver
{
    public void Delivered(string endpoint, RegistryEvent registryEvent)
    {
        metrics.Delivered(endpoint);
        LogDelivered(endpoint, registryEvent.Id, registryEvent.Action, registryEvent.Repository);
    }

    public void Failed(string endpoint, RegistryEvent registryEvent, string problem)
    {
        metrics.Failed(endpoint);
        var waited = time.GetUtcNow() - registryEvent.Time;
        if (waited > options.EventsOverdue) LogOverdue(endpoint, registryEvent.Id, (long)waited.TotalSeconds, problem);
        else LogFailed(endpoint, registryEvent.Id, problem);
    }

    public void GivenUp(string endpoint, string id, string problem)
    {
        metrics.GivenUp(endpoint);
        LogGivenUp(endpoint, id, problem);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Event {Id} is delivered to {Endpoint}: {Action} {Repository}")]
    private partial void LogDelivered(string endpoint, string id, EventAction action, RepositoryName repository);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Event {Id} could not be delivered to {Endpoint}, and is tried again: {Problem}")]
    private partial void LogFailed(string endpoint, string id, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Id} for {Endpoint} has waited too long, {Seconds} s, and is tried again: {Problem}")]
    private partial void LogOverdue(string endpoint, string id, long seconds, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Event {Id} for {Endpoint} is given up: {Problem}; the tool's 'events list' shows it, and 'events resend' sends it again")]
    private partial void LogGivenUp(string endpoint, string id, string problem);
}
