using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Serverless.Web.Telemetry;

/// <summary>
/// Hands traces and metrics to OpenTelemetry, by OTLP and for Prometheus. Whoever asks for neither must not touch this type: touching it loads OpenTelemetry, and a cold
/// start counts.
/// </summary>
internal sealed class RegistryExport : IDisposable
{
    // What is left of the time that a platform gives to a process that ends, after the requests have had theirs.
    private const int FlushMilliseconds = 2000;

    private readonly TracerProvider? _traces;

    /// <param name="metrics">What is measured.</param>
    /// <param name="signals">What is sent by OTLP.</param>
    /// <param name="forPrometheus">Whether metrics are kept for Prometheus to fetch.</param>
    public RegistryExport(RegistryMetrics metrics, OtlpSignals signals, bool forPrometheus)
    {
        if (signals.Traces) _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(RegistryActivities.SourceName).AddOtlpExporter().Build();
        if (signals.Metrics || forPrometheus) Metrics = BuildMetrics(metrics.Meter, signals, forPrometheus);
    }

    /// <summary>What is measured; null when nobody wants it.</summary>
    public MeterProvider? Metrics { get; }

    /// <summary>Sends what has not been sent yet.</summary>
    public void Dispose()
    {
        _traces?.Shutdown(FlushMilliseconds);
        Metrics?.Shutdown(FlushMilliseconds);
        _traces?.Dispose();
        Metrics?.Dispose();
    }

    private static MeterProvider BuildMetrics(Meter meter, OtlpSignals signals, bool forPrometheus)
    {
        var builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource()).AddMeter(RegistryMetrics.MeterName).AddMeter(RegistryMetrics.RuntimeMeterName)
            // Meters are found by name; another registry in the same process counts for itself.
            .AddView(instrument => instrument.Meter.Name == RegistryMetrics.MeterName && instrument.Meter != meter
                ? MetricStreamConfiguration.Drop
                : new MetricStreamConfiguration { CardinalityLimit = RegistryMetrics.SeriesOf(instrument) });
        if (signals.Metrics) builder.AddOtlpExporter();
        // Every scrape has what is true now, and there is one meter that people look at: its name in every line would only make lines longer.
        if (forPrometheus) builder.AddPrometheusExporter(options => (options.ScopeInfoEnabled, options.ScrapeResponseCacheDurationMilliseconds) = (false, 0));
        return builder.Build();
    }

    // The environment comes last and so has the last word: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    private static ResourceBuilder Resource() =>
        ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService("serverless-registry").AddEnvironmentVariableDetector();
}
