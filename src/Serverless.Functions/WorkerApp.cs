using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Serverless.Web.Hosting;
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
        var host = builder.Build();
        // Whatever is wrong with the settings shows itself now, not with the first request.
        _ = host.Services.GetRequiredService<RegistryPipeline>();
        return host;
    }

    // Without its schedule the host would leave out the timer's function, and say so only in its log: nothing would ever be collected.
    private static void Demand(IConfiguration configuration)
    {
        if (!string.IsNullOrWhiteSpace(configuration[MaintenanceFunction.ScheduleSetting])) return;
        throw new SettingsException(
            [$"{MaintenanceFunction.ScheduleSetting} must be set to an NCRONTAB expression such as '0 7 */3 * * *' (every third hour): it is when the registry collects garbage."]);
    }

    // The platform's front end has TLS; the tools that run the host on one's own machine have not.
    private static Uri? PlatformUrl(IConfiguration configuration) =>
        configuration["WEBSITE_HOSTNAME"] is { Length: > 0 } name && Uri.TryCreate($"https://{name}", UriKind.Absolute, out var url)
            ? url.IsLoopback ? new Uri($"http://{name}") : url
            : null;
}
