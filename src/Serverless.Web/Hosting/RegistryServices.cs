using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Web.Auth;
using Serverless.Web.Auth.Basic;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Auth.Tokens;
using Serverless.Web.Endpoints;
using Serverless.Web.Events;
using Serverless.Web.Http;
using Serverless.Web.Imports;
using Serverless.Web.Maintenance;
using Serverless.Web.Mirrors;
using Serverless.Web.Outbound;
using Serverless.Web.Pipeline;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Hosting;

/// <summary>Puts the registry together, for whoever hosts it.</summary>
public static class RegistryServices
{
    extension(IServiceCollection services)
    {
        /// <summary>
        /// Adds the registry: <see cref="RegistryPipeline"/> answers requests, and <see cref="MaintenanceRunner"/> does what is to be done from time to time. Where the
        /// settings name neither an account nor this process's memory, whoever hosts the registry must add <see cref="RegistryStores"/>.
        /// </summary>
        /// <param name="configuration">Where the settings are.</param>
        /// <param name="host">What runs the registry; null: a plain server.</param>
        /// <param name="readOwn">
        /// Reads the settings that the host has besides, so that their problems are listed with all others and their keys are known, and adds to what the registry is told of the host what
        /// they say of it.
        /// </param>
        /// <exception cref="SettingsException">The settings cannot be worked with. It has every problem.</exception>
        public IServiceCollection AddRegistry(IConfiguration configuration, RegistryHost? host = null, Func<SettingsReader, RegistryHost, RegistryHost>? readOwn = null)
        {
            host ??= RegistryHost.Server;
            var reader = new SettingsReader(configuration);
            if (readOwn is not null) host = readOwn(reader, host);
            var settings = RegistrySettings.Read(reader, host);
            services.TryAddSingleton(TimeProvider.System);
            // Whoever runs in the background is told to stop at once, and not only when the last request has ended; all have the same time.
            services.Configure<HostOptions>(options => (options.ShutdownTimeout, options.ServicesStopConcurrently) = (settings.ShutdownGrace, true));
            services.AddSingleton<IHostedService>(sp => new UnknownSettings(reader, sp.GetRequiredService<ILogger<UnknownSettings>>()));
            if (IsRealmUnchosen(settings, host)) services.AddHostedService<RealmWarning>();
            return services.AddStores(settings.Storage).AddCore(settings)
                .AddSingleton(settings.Uploads)
                .AddSingleton(new Locations(settings.PublicUrl, settings.Prefix, host.PlatformUrl, settings.Uploads))
                .AddTelemetry(configuration, host, settings.MetricsAccess)
                .AddOutbound(settings.Outbound).AddEventEndpoints(settings.Events, settings.Health)
                .AddMirrors(settings.Mirrors, settings.Outbound)
                .AddAccess(settings.Auth, host).AddPasswords(settings.Auth).AddSignIn(settings.Auth, settings.Uploads)
                .AddEndpoints(settings, host).AddPipeline(settings, host)
                .AddImports(settings, host).AddMaintenance(settings.Maintenance)
                .AddSingleton(settings.Storage);
        }

        private IServiceCollection AddStores(StorageSettings storage) =>
            storage.InMemory ? services.AddSingleton(sp => InMemory(sp.GetRequiredService<TimeProvider>()))
            : storage.Account is { } account ? services.AddSingleton(sp => StorageSettings.Open(account, sp.GetRequiredService<TimeProvider>()))
            : services;

        private IServiceCollection AddCore(RegistrySettings settings) => services
            .AddSingleton(settings.Registry)
            .AddSingleton<ContainerRegistry>()
            .AddSingleton<AccountStore>()
            .AddSingleton<RefreshTokenStore>()
            .AddSingleton(sp => SigningKeySource.Open(settings, sp.GetRequiredService<ITableStore>(), sp.GetRequiredService<TimeProvider>()))
            .AddSingleton(sp => new ScopeMapStore(sp.GetRequiredService<ITableStore>(), settings.Auth.ScopeMaps));

        private IServiceCollection AddSignIn(AuthSettings auth, UploadSettings uploads)
        {
            services = auth.Mode switch
            {
                AuthMode.Basic => services.AddBasicSignIn(auth),
                AuthMode.Token => services.AddTokenSignIn(auth.Token, auth.Federation),
                _ => services.AddOpenAccess(),
            };
            return uploads.ByCapability ? services.Replace(ServiceDescriptor.Singleton<IAuthenticator, CapabilityAuthenticator>()) : services;
        }
    }

    // A realm cannot be relative, and nothing that a client sends is believed: without a setting it is the address of the connection, which only on loopback is surely the right one.
    private static bool IsRealmUnchosen(RegistrySettings settings, RegistryHost host) =>
        settings is { Auth: { Mode: AuthMode.Token, Token.IsExternal: false }, PublicUrl: null, Uploads.Only: false } && host.PlatformUrl is null
        // A proxy on the same machine brings others.
        && (!host.IsLoopbackOnly || settings.Auth.Proxies > 0);

    private static RegistryStores InMemory(TimeProvider time) => new(new InMemoryTableStore(time), new InMemoryObjectStore(time));
}
