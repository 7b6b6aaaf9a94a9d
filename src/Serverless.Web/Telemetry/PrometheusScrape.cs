using OpenTelemetry.Metrics;

namespace Serverless.Web.Telemetry;

/// <summary>OpenTelemetry's own answer to Prometheus.</summary>
internal sealed class PrometheusScrape
{
    private readonly RequestDelegate _answer;

    public PrometheusScrape(IServiceProvider services, MeterProvider metrics)
    {
        var branch = new ApplicationBuilder(services);
        branch.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, static _ => true, path: null, configureBranchedPipeline: null, optionsName: null);
        _answer = branch.Build();
    }

    public Task AnswerAsync(HttpContext http) => _answer(http);
}
