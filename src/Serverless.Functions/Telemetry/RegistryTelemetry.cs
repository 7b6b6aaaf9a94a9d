using System.Runtime.CompilerServices;
using Serverless.Functions.Endpoints;
using Serverless.Functions.Telemetry.Prometheus;
using Serverless.Registry.Storage;

namespace Serverless.Functions.Telemetry;

/// <summary>
/// Everything that watches the registry. Where nobody reads metrics and nobody asks for traces, as with the Functions host and no OTEL_* variable, it is instruments
/// that nobody listens to.
/// </summary>
internal sealed class RegistryTelemetry : IDisposable
{
    private readonly TimeProvider _time;
    private readonly MetricsCollector? _collector;
    private readonly IDisposable? _export;

    /// <param name="configuration">Where OTEL_* variables are.</param>
    /// <param name="access">Who may read <c>/metrics</c>.</param>
    /// <param name="inFunctions">Whether the Functions host runs this process: one of many, each short-lived, which nobody could scrape.</param>
    /// <param name="time">The clock.</param>
    public RegistryTelemetry(IConfiguration configuration, MetricsAccess access, bool inFunctions, TimeProvider time)
    {
        _time = time;
        Metrics = new RegistryMetrics(time);
        if (!inFunctions && access != MetricsAccess.Nobody)
        {
            _collector = new MetricsCollector(Metrics.Meter);
            Endpoint = new MetricsEndpoint(_collector, access);
        }

        var signals = OtlpSignals.Read(configuration);
        if (signals.Any) _export = Export(signals);
    }

    public RegistryMetrics Metrics { get; }

    /// <summary>The endpoint of <c>/metrics</c>; null when there is none.</summary>
    public MetricsEndpoint? Endpoint { get; }

    /// <summary>The stores, with their calls observed if anybody is interested.</summary>
    public (ITableStore Tables, IObjectStore Objects) Observe((ITableStore Tables, IObjectStore Objects) stores) =>
        _collector is null && _export is null ? stores : new ObservedStorage(Metrics, _time).Wrap(stores);

    public void Dispose()
    {
        _export?.Dispose();
        _collector?.Dispose();
        Metrics.Dispose();
    }

    // A method of its own, so that the types in it are not loaded with this one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static OtlpExport Export(OtlpSignals signals) => new(signals);
}
