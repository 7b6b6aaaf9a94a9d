using Serverless.AzureStorage;
using Serverless.Web.Hosting;
using Serverless.Web.Pipeline;
using Serverless.Web.Settings;

namespace Serverless.Server;

/// <summary>The registry on Kestrel.</summary>
internal static class ServerApp
{
    private const string DefaultUrl = "http://127.0.0.1:5000";

    /// <summary>Puts the server together; whoever gets it starts it.</summary>
    /// <param name="args">The command line: <c>--urls</c> and any setting.</param>
    /// <param name="configure">Changes the services, for tests.</param>
    /// <param name="host">What the registry is told of its host, for tests; null: the truth.</param>
    /// <exception cref="SettingsException">The settings cannot be worked with.</exception>
    public static WebApplication Create(string[] args, Action<IServiceCollection>? configure = null, RegistryHost? host = null)
    {
        // The empty builder brings neither files to watch nor services that nobody asks for; a cold start counts.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { Args = args });
        builder.Configuration.AddEnvironmentVariables().AddCommandLine(args);
        ConfigureServer(builder);
        ConfigureLogging(builder);
        builder.Services.AddRegistry(builder.Configuration, host);
        if (builder.Services.All(s => s.ServiceType != typeof(RegistryStores))) AddDevelopmentStorage(builder.Services);
        builder.Services.AddHostedService<MaintenanceClock>();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.Run(app.Services.GetRequiredService<RegistryPipeline>().InvokeAsync);
        return app;
    }

    private static void ConfigureServer(WebApplicationBuilder builder) =>
        builder.WebHost.UseKestrelCore().UseUrls(builder.Configuration["urls"] ?? DefaultUrl).ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestLineSize = 16 * 1024;
        });

    private static void ConfigureLogging(WebApplicationBuilder builder)
    {
        // The framework's account of each request, its scope included, gives way to the app's own; a setting that names it in full brings it back.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(options => (options.SingleLine, options.IncludeScopes) = (true, true));
    }

    private static void AddDevelopmentStorage(IServiceCollection services)
    {
        services.AddSingleton(sp => StorageSettings.Open(AzureStorageOptions.Development, sp.GetRequiredService<TimeProvider>()));
        services.AddHostedService<DevelopmentStorage>();
    }
}
