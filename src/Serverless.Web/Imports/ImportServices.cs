using Serverless.Registry;
using Serverless.Registry.Imports;
using Serverless.Web.Auth;
using Serverless.Web.Outbound;
using Serverless.Web.Settings;

namespace Serverless.Web.Imports;

/// <summary>Adds imports. Whoever hosts the registry adds an <see cref="ImportWorker"/>.</summary>
internal static class ImportServices
{
    public static IServiceCollection AddImports(this IServiceCollection services, RegistrySettings settings, RegistryHost host) => services
        .AddSingleton(settings.Api)
        // A server of uploads works beside a registry that sees to that.
        .AddSingleton(new ImportSettings(settings.Api.Enabled && !settings.Uploads.Only, !host.IsFunctions, settings.Api.MaxParallel))
        .AddSingleton<ImportSignals>()
        .AddSingleton<IImportSources>(sp => new ImportSources(settings.Outbound, sp.GetRequiredService<OutboundNetwork>(), sp.GetRequiredService<IStanding>(), sp.GetRequiredService<TimeProvider>()))
        .AddSingleton(sp => sp.GetRequiredService<ContainerRegistry>().RunImports(sp.GetRequiredService<IImportSources>()))
        .AddSingleton<ImportDesk>();
}
