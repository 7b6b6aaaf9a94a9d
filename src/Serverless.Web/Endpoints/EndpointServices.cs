using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Registry.Health;
using Serverless.Registry.Storage;
using Serverless.Web.Endpoints.Api;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints;

/// <summary>Adds the endpoints.</summary>
internal static partial class EndpointServices
{
    extension(IServiceCollection services)
    {
        /// <param name="settings">The choices of the endpoints.</param>
        /// <param name="host">What runs the registry.</param>
        public IServiceCollection AddEndpoints(RegistrySettings settings, RegistryHost host)
        {
            services.AddSingleton<EndpointTable>().AddSingleton<UploadLocations>().AddSingleton<CallerRepositories>();
            // Those that are asked for most come first.
            if (!settings.Uploads.Only) services.AddContent(settings);
            services.AddSingleton<IEndpoints, UploadEndpoints>();
            if (!settings.Uploads.Only) services.AddDiscovery(settings);
            services.AddSingleton<IEndpoints, ReadyEndpoint>().AddSingleton<IEndpoints, HealthEndpoint>().AddSingleton(sp => Health(sp, settings.Health));
            if (!host.IsFunctions && settings.MetricsAccess != MetricsAccess.Nobody) services.AddSingleton<IEndpoints>(sp => ActivatorUtilities.CreateInstance<MetricsEndpoint>(sp, settings.MetricsAccess));
            return services;
        }

        private void AddContent(RegistrySettings settings) => services
            .AddSingleton(settings.Downloads)
            .AddSingleton(sp => ActivatorUtilities.CreateInstance<Pulls>(sp, settings.NotePulls))
            .AddSingleton<ManifestReads>().AddSingleton<MirroredBlobReads>().AddSingleton<IEndpoints, ManifestEndpoints>().AddSingleton<IEndpoints, BlobEndpoints>();

        private void AddDiscovery(RegistrySettings settings)
        {
            services.AddSingleton(settings.Lists).AddSingleton<IEndpoints, PingEndpoint>().AddSingleton<IEndpoints, ListEndpoints>().AddSingleton<IEndpoints, ReferrerEndpoints>();
            if (settings.Api.Enabled) services.AddApi(settings.Auth);
            if (settings.Api.Enabled && settings.Page.Enabled) services.AddSingleton<IEndpoints, PageEndpoint>();
            if (settings.Auth is { Mode: AuthMode.Token, Token.IsExternal: false }) services.AddSingleton<IEndpoints, TokenEndpoints>().AddSingleton<IEndpoints, SigningKeysEndpoint>();
        }

        private void AddApi(AuthSettings auth)
        {
            services.AddSingleton<AdminLog>()
                .AddSingleton<IEndpoints, RepositoryEndpoints>().AddSingleton<IEndpoints, TagInfoEndpoints>().AddSingleton<IEndpoints, ManifestInfoEndpoints>().AddSingleton<IEndpoints, DeletedEndpoints>()
                .AddSingleton<IEndpoints, UsageEndpoints>()
                .AddSingleton<IEndpoints, ImportEndpoints>().AddSingleton<IEndpoints, ApiDocumentEndpoint>();
            // Where nobody signs in, whoever comes would make himself an account for the day when somebody has to.
            if (auth.Mode is null or AuthMode.None) return;
            services.AddSingleton(auth).AddSingleton<IEndpoints, AccountEndpoints>().AddSingleton<IEndpoints, ScopeMapEndpoints>().AddSingleton<IEndpoints, QuotaEndpoints>().AddSingleton<IEndpoints, Api.EventEndpoints>().AddSingleton<IEndpoints, AuditEndpoints>();
        }
    }

    private static HealthCheck Health(IServiceProvider services, HealthOptions options)
    {
        var logger = services.GetRequiredService<ILogger<HealthEndpoint>>();
        var (tables, registry) = (services.GetRequiredService<ITableStore>(), services.GetRequiredService<ContainerRegistry>());
        return new HealthCheck(tables, registry.Identity, registry.Switches, options, services.GetRequiredService<TimeProvider>(), (part, exception) => LogFailed(logger, part, exception));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Storage of {Part} did not answer when asked for its health")]
    private static partial void LogFailed(ILogger logger, string part, Exception exception);
}
