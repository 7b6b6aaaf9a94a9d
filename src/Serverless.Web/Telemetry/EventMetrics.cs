using System.Diagnostics.Metrics;

namespace Serverless.Web.Telemetry;

/// <summary>What is measured of events. Endpoints are the operator's, and few.</summary>
internal sealed class EventMetrics
{
    private const string Endpoint = "registry.events.endpoint";

    private readonly Counter<long> _queued;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _failed;
    private readonly Counter<long> _givenUp;
    private readonly Counter<long> _dropped;
    private readonly Gauge<double> _oldest;

    public EventMetrics(RegistryMetrics metrics)
    {
        _queued = metrics.Meter.CreateCounter<long>("registry.events.queued", "{signal}", "Times that somebody was told of events to deliver: for each change, and again for what waits.");
        _delivered = metrics.Meter.CreateCounter<long>("registry.events.delivered", "{event}", "Events that endpoints were told of.");
        _failed = metrics.Meter.CreateCounter<long>("registry.events.failed", "{attempt}", "Attempts to tell an endpoint that failed.");
        _givenUp = metrics.Meter.CreateCounter<long>("registry.events.given_up", "{event}", "Events that were given up.");
        _dropped = metrics.Meter.CreateCounter<long>("registry.events.dropped", "{event}", "Pulls that nobody is told of, because there were too many at once or storage did not answer.");
        _oldest = metrics.Meter.CreateGauge<double>("registry.events.oldest", "s", "How long the oldest event has waited that could not be delivered, as the last sweep has found it.");
    }

    public void Queued() => _queued.Add(1);

    public void Delivered(string endpoint) => _delivered.Add(1, KeyValuePair.Create<string, object?>(Endpoint, endpoint));

    public void Failed(string endpoint) => _failed.Add(1, KeyValuePair.Create<string, object?>(Endpoint, endpoint));

    public void GivenUp(string endpoint) => _givenUp.Add(1, KeyValuePair.Create<string, object?>(Endpoint, endpoint));

    public void Dropped() => _dropped.Add(1);

    public void Oldest(TimeSpan age) => _oldest.Record(age.TotalSeconds);
}
