using Serverless.Web.Http;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>Adds the way of every request.</summary>
internal static class PipelineServices
{
    public static IServiceCollection AddPipeline(this IServiceCollection services, RegistrySettings settings) => RequestLimits.AddTo(services, settings.Connections)
        .AddSingleton(sp => new RequestLimits(settings.Connections.BodyTimeout, settings.Registry.LongestRequest, sp.GetRequiredService<TimeProvider>()))
        .AddSingleton<ErrorBoundary>()
        .AddSingleton<RequestRouter>()
        .AddSingleton(sp => new RegistryPipeline(sp.GetRequiredService<RequestObserver>(), sp.GetRequiredService<ErrorBoundary>(), sp.GetRequiredService<RequestRouter>()));
}
