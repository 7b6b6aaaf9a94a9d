using Serverless.LocalStorage;
using Serverless.Server.Listening;
using Serverless.Web.Events;
using Serverless.Web.Hosting;
using Serverless.Web.Imports;
using Serverless.Web.Pipeline;
using Serverless.Web.Settings;

namespace Serverless.Server;

/// <summary>The registry on Kestrel.</summary>
internal static class ServerApp
{
    /// <summary>Puts the server together; whoever gets it starts it.</summary>
    /// <param name="args">The command line: <c>--urls</c> and any setting.</param>
    /// <param name="configure">Changes the services, for tests.</param>
    /// <param name="host">What the registry is told of its host, for tests; null: the truth.</param>
    /// <exception cref="SettingsException">The settings cannot be worked with.</exception>
    public static WebApplication Create(string[] args, Action<IServiceCollection>? configure = null, RegistryHost? host = null)
    {
        // The empty builder brings neither files to watch nor services that nobody asks for; a cold start counts. It is not told of the arguments: it would take `urls` from them
        // and warn that the addresses, which are bound one by one, overrule it.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var http = AddRegistry(builder, args, host);
        builder.AddListening(http);
        builder.Services.AddHostedService<MaintenanceClock>().AddHostedService<EventSender>().AddHostedService<ImportWorker>();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        ExtraHeaders.Use(app, http.Headers);
        app.Run(app.Services.GetRequiredService<RegistryPipeline>().InvokeAsync);
        return app;
    }

    /// <summary>Puts the same registry together without anything that listens.</summary>
    /// <param name="args">The command line.</param>
    /// <exception cref="SettingsException">The settings cannot be worked with.</exception>
    public static IHost CreateDeaf(string[] args)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { Args = args });
        AddRegistry(builder, args, null);
        return builder.Build();
    }

    private static HttpSettings AddRegistry(IHostApplicationBuilder builder, string[] args, RegistryHost? host)
    {
        builder.Configuration.AddEnvironmentVariables().AddCommandLine(args);
        ConfigureLogging(builder);
        HttpSettings? http = null;
        builder.Services.AddRegistry(builder.Configuration, host, (reader, told) =>
        {
            http = HttpSettings.Read(reader, builder.Configuration["urls"]);
            return told with { IsLoopbackOnly = http.IsLoopbackOnly };
        });
        AddStorage(builder.Services);
        return http!;
    }

    private static void ConfigureLogging(IHostApplicationBuilder builder)
    {
        // The framework's account of each request, its scope included, gives way to the app's own; a setting that names it in full brings it back.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Logging.AddSimpleConsole(options => (options.SingleLine, options.IncludeScopes) = (true, true));
    }

    private static void AddStorage(IServiceCollection services)
    {
        if (services.All(s => s.ServiceType != typeof(RegistryStores))) services.AddSingleton(OpenFolder);
        services.AddHostedService<StorageNotice>().AddHostedService<DevelopmentStorage>();
    }

    private static RegistryStores OpenFolder(IServiceProvider services)
    {
        var stores = LocalStores.Open(services.GetRequiredService<StorageSettings>().Folder!, services.GetRequiredService<TimeProvider>());
        return new RegistryStores(stores.Tables, stores.Objects) { Owner = stores };
    }
}
