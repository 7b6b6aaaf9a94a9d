using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>Adds the way of every request.</summary>
internal static class PipelineServices
{
    public static IServiceCollection AddPipeline(this IServiceCollection services) => services
        .AddSingleton<ErrorBoundary>()
        .AddSingleton<RequestRouter>()
        .AddSingleton(sp => new RegistryPipeline(sp.GetRequiredService<RequestObserver>(), sp.GetRequiredService<ErrorBoundary>(), sp.GetRequiredService<RequestRouter>()));
}
