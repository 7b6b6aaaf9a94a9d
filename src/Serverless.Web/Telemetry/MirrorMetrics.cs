using System.Diagnostics.Metrics;

namespace Serverless.Web.Telemetry;

/// <summary>What is measured of mirrors. They are the operator's, and few.</summary>
internal sealed class MirrorMetrics
{
    private const string Mirror = "registry.mirror.name";

    private readonly Counter<long> _requests;
    private readonly Counter<long> _fetched;

    public MirrorMetrics(RegistryMetrics metrics)
    {
        _requests = metrics.Meter.CreateCounter<long>("registry.mirror.requests", "{request}", "Manifests and blobs that mirrors were asked for, by what became of it: here, confirmed, fetched, stale, absent, failed.");
        _fetched = metrics.Meter.CreateCounter<long>("registry.mirror.fetched", "By", "Bytes of blobs that mirrors have fetched.");
    }

    public void Asked(string mirror, string outcome) =>
        _requests.Add(1, KeyValuePair.Create<string, object?>(Mirror, mirror), KeyValuePair.Create<string, object?>("registry.mirror.outcome", outcome));

    public void Fetched(string mirror, long bytes) => _fetched.Add(bytes, KeyValuePair.Create<string, object?>(Mirror, mirror));
}
