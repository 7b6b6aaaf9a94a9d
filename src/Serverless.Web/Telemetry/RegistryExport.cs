using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Serverless.Web.Telemetry;

/// <summary>
/// Hands traces and metrics to OpenTelemetry, by OTLP and for Prometheus. Whoever asks for neither must not touch this type: touching it loads OpenTelemetry, and a cold
/// start counts. It is there when the host starts, before anything can be measured, and the host's services dispose of it when everything else has ended.
/// </summary>
internal sealed class RegistryExport : IHostedService, IDisposable
{
    // What is left of the time that a platform gives to a process that ends, after the requests have had theirs.
    private const int FlushMilliseconds = 2000;

    private readonly TracerProvider? _traces;

    /// <param name="signals">What is sent by OTLP.</param>
    /// <param name="forPrometheus">Whether metrics are kept for Prometheus to fetch.</param>
    public RegistryExport(OtlpSignals signals, bool forPrometheus)
    {
        if (signals.Traces) _traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource()).AddSource(RegistryActivities.SourceName).AddOtlpExporter().Build();
        if (signals.Metrics || forPrometheus) Metrics = BuildMetrics(signals, forPrometheus);
    }

    /// <summary>What is measured; null when nobody wants it.</summary>
    public MeterProvider? Metrics { get; }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Sends what has not been sent yet.</summary>
    public void Dispose()
    {
        _traces?.Shutdown(FlushMilliseconds);
        Metrics?.Shutdown(FlushMilliseconds);
        _traces?.Dispose();
        Metrics?.Dispose();
    }

    private static MeterProvider BuildMetrics(OtlpSignals signals, bool forPrometheus)
    {
        var builder = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource()).AddMeter(RegistryMetrics.MeterName).AddMeter(RegistryMetrics.RuntimeMeterName);
        if (signals.Metrics) builder.AddOtlpExporter();
        // Each answer is of its own moment. Otherwise what was told of up to 300 ms ago would be told again.
        if (forPrometheus) builder.AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = 0);
        return builder.Build();
    }

    // The environment comes last and so has the last word: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    private static ResourceBuilder Resource() =>
        ResourceBuilder.CreateEmpty().AddTelemetrySdk().AddService("serverless-registry").AddEnvironmentVariableDetector();
}
