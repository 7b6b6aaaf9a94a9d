using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Web.Hosting;
using Serverless.Web.Imports;
using Serverless.Web.Pipeline;
using Serverless.Web.Settings;

namespace Serverless.Functions;

/// <summary>The registry in an isolated worker, behind the Azure Functions host.</summary>
internal static class WorkerApp
{
    /// <summary>Puts the worker together; whoever gets it runs it.</summary>
    /// <param name="args">The command line, with which the host says where it is.</param>
    /// <exception cref="SettingsException">The settings cannot be worked with.</exception>
    public static IHost Create(string[] args)
    {
        var builder = FunctionsApplication.CreateBuilder(args);
        builder.ConfigureFunctionsWebApplication();
        builder.Services.Configure<KestrelServerOptions>(static options => options.AddServerHeader = false);
        var hostFile = HostFile.Read(builder.Configuration);
        Demand(builder.Configuration);
        builder.Services.AddRegistry(builder.Configuration, new RegistryHost
        {
            IsFunctions = true,
            PlatformUrl = PlatformUrl(builder.Configuration),
            RoutePrefix = hostFile.RoutePrefix,
            FunctionTimeout = hostFile.FunctionTimeout,
        });
        builder.Services.AddSingleton<EventQueue>();
        if (HasEndpoints(builder.Configuration)) builder.Services.AddHostedService<EventFeeder>();
        builder.Services.AddHostedService<ImportWorker>();
        var host = builder.Build();
        // Whatever is wrong with the settings shows itself now, not with the first request.
        _ = host.Services.GetRequiredService<RegistryPipeline>();
        return host;
    }

    // Without them the host would leave out a function, and say so only in its log: nothing would ever be collected, or delivered.
    private static void Demand(IConfiguration configuration)
    {
        List<string> problems = [];
        if (string.IsNullOrWhiteSpace(configuration[MaintenanceFunction.ScheduleSetting]))
        {
            problems.Add($"{MaintenanceFunction.ScheduleSetting} must be set to an NCRONTAB expression such as '0 7 */3 * * *' (every third hour): it is when the registry collects garbage.");
        }

        if (HasEndpoints(configuration))
        {
            if (!EventQueue.IsName(configuration[EventQueue.NameSetting])) problems.Add($"{EventQueue.NameSetting} must be set to the name of a queue such as registry-events, of 3 to 56 lower-case letters, digits and single hyphens, where endpoints are told of events.");
            if (!configuration.GetSection(EventQueue.Connection).Exists()) problems.Add($"{EventQueue.Connection} must be set to the connection of the registry's storage account, or {EventQueue.Connection}__queueServiceUri and the others for an identity, where endpoints are told of events.");
        }

        if (problems.Count > 0) throw new SettingsException(problems);
    }

    private static bool HasEndpoints(IConfiguration configuration) => configuration.GetSection($"{SettingsReader.Root}:Events").GetChildren().Any();

    // The platform's front end has TLS; the tools that run the host on one's own machine have not.
    private static Uri? PlatformUrl(IConfiguration configuration) =>
        configuration["WEBSITE_HOSTNAME"] is { Length: > 0 } name && Uri.TryCreate($"https://{name}", UriKind.Absolute, out var url)
            ? url.IsLoopback ? new Uri($"http://{name}") : url
            : null;
}
