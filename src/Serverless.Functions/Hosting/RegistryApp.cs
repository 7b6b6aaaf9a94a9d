using Serverless.Functions.Auth;
using Serverless.Functions.Endpoints;
using Serverless.Functions.Http;
using Serverless.Functions.Maintenance;
using Serverless.Functions.Telemetry;
using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;

namespace Serverless.Functions.Hosting;

/// <summary>Puts the app together: settings, storage, registry, server. The same for the Functions host, for a developer and for tests.</summary>
internal static partial class RegistryApp
{
    private const string DefaultUrl = "http://127.0.0.1:5000";

    /// <param name="args">The command line; <c>--urls</c> and any setting.</param>
    /// <param name="cancellationToken">Ends the wait for development storage.</param>
    /// <param name="replaceStores">For tests: wraps or replaces the stores.</param>
    /// <param name="timeProvider">For tests: the clock.</param>
    /// <param name="authenticator">For tests: who is who.</param>
    /// <exception cref="SettingsException">The settings cannot be worked with.</exception>
    public static async Task<WebApplication> CreateAsync(
        string[] args,
        CancellationToken cancellationToken,
        Func<(ITableStore Tables, IObjectStore Objects), (ITableStore Tables, IObjectStore Objects)>? replaceStores = null,
        TimeProvider? timeProvider = null,
        IAuthenticator? authenticator = null)
    {
        var time = timeProvider ?? TimeProvider.System;
        var builder = CreateBuilder(args);
        var handlerUrl = CustomHandler.FindUrl(builder.Configuration);
        ConfigureServer(builder, handlerUrl ?? builder.Configuration["urls"] ?? DefaultUrl);
        ConfigureLogging(builder, structured: handlerUrl is not null);

        builder.Services.AddSingleton<DevelopmentStorage>();
        var reader = new SettingsReader(builder.Configuration);
        var settings = RegistrySettings.Read(reader);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.ShutdownGrace);
        if (handlerUrl is not null)
        {
            CustomHandler.DemandPrefix(builder.Configuration, settings.Prefix);
            settings = settings with { PlatformUrl = CustomHandler.FindPlatformUrl(builder.Configuration) };
        }

        var app = builder.Build();
        try
        {
            var logger = app.Services.GetRequiredService<ILogger<WebApplication>>();
            foreach (var key in reader.Unknown()) LogUnknownSetting(logger, SettingsReader.Root + ":" + key);
            var stores = await CreateStoresAsync(app, settings, time, handlerUrl is not null, cancellationToken);
            var telemetry = new RegistryTelemetry(builder.Configuration, settings.MetricsAccess, handlerUrl is not null, time);
            app.Lifetime.ApplicationStopped.Register(telemetry.Dispose);
            var (tables, objects) = telemetry.Observe(replaceStores?.Invoke(stores) ?? stores);
            var registry = new ContainerRegistry(tables, objects, settings.Registry, time);
            var loggers = app.Services.GetRequiredService<ILoggerFactory>();
            var auth = new AuthServices(settings.Auth, settings.Locations, (tables, objects), time, loggers, handlerUrl is not null);
            app.Lifetime.ApplicationStopped.Register(auth.Dispose);
            var gate = new AccessGate(authenticator ?? auth.Authenticator, auth.Audit);
            var tasks = new MaintenanceTasks(registry, new RefreshTokenStore(tables, time), settings.Maintenance, telemetry.Metrics, time, loggers.CreateLogger<MaintenanceTasks>()).All;
            // The host has timers of its own, and calls.
            var timers = handlerUrl is null ? null : new TimerEndpoint(tasks, settings.Maintenance.TimeLimit, loggers.CreateLogger<TimerEndpoint>(), app.Lifetime.ApplicationStopping);
            if (handlerUrl is null) StartTimers(app, new MaintenanceService(tasks.Values, time, loggers.CreateLogger<MaintenanceService>()), settings.ShutdownGrace);
            var health = new HealthEndpoint(registry, (tables, objects), settings.Health, time, loggers.CreateLogger<HealthEndpoint>());
            var pipeline = new RegistryPipeline(registry, settings, gate, auth.Tokens, timers, health, telemetry.Endpoint, loggers.CreateLogger<RegistryPipeline>());
            var (ids, level) = (new RequestIds(handlerUrl is not null), handlerUrl is null ? LogLevel.Information : LogLevel.Debug);
            app.Run(new RequestObserver(pipeline.InvokeAsync, telemetry.Metrics, ids, level, time, loggers.CreateLogger<RequestObserver>()).InvokeAsync);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    private static void StartTimers(WebApplication app, MaintenanceService service, TimeSpan grace)
    {
        var stopping = Task.CompletedTask;
        app.Lifetime.ApplicationStarted.Register(() => _ = service.StartAsync(CancellationToken.None));
        // The tasks are told to stop at once and waited for when the requests have ended too: all have the same time, and it passes once.
        app.Lifetime.ApplicationStopping.Register(() => stopping = service.StopAsync(new CancellationTokenSource(grace).Token));
        app.Lifetime.ApplicationStopped.Register(() =>
        {
            stopping.GetAwaiter().GetResult();
            service.Dispose();
        });
    }

    private static WebApplicationBuilder CreateBuilder(string[] args)
    {
        // The empty builder brings neither files to watch nor services that nobody asks for; a cold start counts.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args });
        builder.Configuration.AddEnvironmentVariables().AddCommandLine(args);
        return builder;
    }

    private static void ConfigureServer(WebApplicationBuilder builder, string url)
    {
        builder.WebHost.UseKestrelCore().UseUrls(url).ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            // Layers have any size, and what storage is slow to take must not be held against the client.
            options.Limits.MaxRequestBodySize = null;
            options.Limits.MinRequestBodyDataRate = null;
            options.Limits.MaxRequestLineSize = 16 * 1024;
        });
    }

    private static void ConfigureLogging(WebApplicationBuilder builder, bool structured)
    {
        // The framework's account of each request, its scope included, gives way to the app's own; a setting that names it in full brings it back.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        if (structured)
        {
            builder.Logging.AddJsonConsole(options => (options.UseUtcTimestamp, options.IncludeScopes) = (true, true));
        }
        else
        {
            builder.Logging.AddSimpleConsole(options => (options.SingleLine, options.IncludeScopes) = (true, true));
        }
    }

    private static async Task<(ITableStore Tables, IObjectStore Objects)> CreateStoresAsync(
        WebApplication app, RegistrySettings settings, TimeProvider time, bool inFunctions, CancellationToken cancellationToken)
    {
        if (settings.InMemory) return (new InMemoryTableStore(time), new InMemoryObjectStore(time));
        var storage = settings.Storage;
        if (storage is null)
        {
            if (inFunctions) throw new SettingsException(["Registry:Storage:ConnectionString or Registry:Storage:AccountName must be set."]);
            // A service, so that it ends with the app, however the app ends.
            storage = await app.Services.GetRequiredService<DevelopmentStorage>().StartAsync(cancellationToken);
        }

        return RegistryStores.Open(storage, time);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The setting {Key} is unknown and has no effect")]
    private static partial void LogUnknownSetting(ILogger logger, string key);
}
