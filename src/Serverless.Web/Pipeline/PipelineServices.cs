using Microsoft.AspNetCore.Cors.Infrastructure;
using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Mirrors;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>Adds the way of every request.</summary>
internal static class PipelineServices
{
    extension(IServiceCollection services)
    {
        public IServiceCollection AddPipeline(RegistrySettings settings, RegistryHost host) => RequestLimits.AddTo(services, settings.Connections)
            .AddSingleton(sp => new RequestLimits(settings.Connections.BodyTimeout, settings.Registry.LongestRequest, sp.GetRequiredService<TimeProvider>()))
            .AddFrontDoor(settings, host)
            .AddSingleton(sp => new PullLimits(settings.Pulls, sp.GetRequiredService<ClientAddress>(), sp.GetRequiredService<TimeProvider>()))
            .AddSingleton(sp => new Admission(
                sp.GetRequiredService<AccessGate>(), sp.GetRequiredService<PullLimits>(), settings.Auth is not { Mode: AuthMode.Token, Token.IsExternal: true }, sp.GetRequiredService<MirrorTable>()))
            .AddSingleton<ErrorBoundary>()
            .AddSingleton<RequestRouter>()
            .AddSingleton(sp => new RegistryPipeline(
                sp.GetRequiredService<RequestObserver>(), sp.GetRequiredService<ErrorBoundary>(), sp.GetRequiredService<FrontDoor>(), sp.GetRequiredService<RequestRouter>()));

        private IServiceCollection AddFrontDoor(RegistrySettings settings, RegistryHost host)
        {
            var isOpen = settings.Auth.Mode is null or AuthMode.None;
            string[] allowed = [.. settings.AllowedHosts, .. settings.Mirrors.SelectMany(m => m.Hosts)];
            var names = settings.PublicUrl is { } url ? [url.Host, .. allowed] : allowed;
            return services.AddCors()
                .AddSingleton(new HostNames(isOpen && host.IsLoopbackOnly, names))
                .AddSingleton(sp => new ForwardedWarning(!isOpen && (settings.Auth.Proxies ?? (host.IsFunctions ? 1 : 0)) == 0, sp.GetRequiredService<ILogger<ForwardedWarning>>()))
                .AddSingleton(sp => new CrossOrigin(settings.Origins, sp.GetRequiredService<ICorsService>()))
                .AddSingleton<FrontDoor>();
        }
    }
}
