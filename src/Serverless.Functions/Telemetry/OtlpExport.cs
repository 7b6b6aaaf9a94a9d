using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Serverless.Functions.Telemetry;

/// <summary>
/// Sends traces and metrics by OTLP. Whoever does not ask for it must not touch this type: touching it loads OpenTelemetry, and a cold start counts.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    // What is left of the time that a platform gives to a process that ends, after the requests have had theirs.
    private const int FlushMilliseconds = 2000;

    private readonly TracerProvider? _traces;
    private readonly MeterProvider? _metrics;

    public OtlpExport(OtlpSignals signals)
    {
        _traces = signals.Traces
            ? Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(RegistryActivities.SourceName).AddOtlpExporter().Build()
            : null;
        _metrics = signals.Metrics
            ? Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource()).AddMeter(RegistryMetrics.MeterName).AddMeter(RegistryMetrics.RuntimeMeterName).AddOtlpExporter().Build()
            : null;
    }

    /// <summary>Sends what has not been sent yet.</summary>
    public void Dispose()
    {
        _traces?.Shutdown(FlushMilliseconds);
        _metrics?.Shutdown(FlushMilliseconds);
        _traces?.Dispose();
        _metrics?.Dispose();
    }

    // The environment comes last and so has the last word: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    private static ResourceBuilder Resource() =>
        ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService("serverless-registry").AddEnvironmentVariableDetector();
}
