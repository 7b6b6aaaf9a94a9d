
namespace Serverless.Web.Settings;

/// <summary>What runs the registry, as far as the registry must know.</summary>
public sealed record RegistryHost
{
    /// <summary>A plain server, which whoever starts it looks after.</summary>
    public static RegistryHost Server { get; } = new();

    /// <summary>
    /// Whether it is the Azure Functions host: it logs each request itself, replaces forwarded headers, starts short-lived instances that nobody could scrape, and strangers
    /// reach it as soon as it is deployed, so that nothing may be open by mistake.
    /// </summary>
    public bool IsFunctions { get; init; }

    /// <summary>Whether it listens to this machine alone.</summary>
    public bool IsLoopbackOnly { get; init; }

    /// <summary>The address that the platform gives to the app, under which clients reach it unless it has a domain of its own; null when it gives none.</summary>
    public Uri? PlatformUrl { get; init; }

    /// <summary>What the host puts before every route, as host.json says; null when there is no such file.</summary>
    public string? RoutePrefix { get; init; }

    /// <summary>How long the host lets a timer's function run; null: for ever, or there are no such functions.</summary>
    public TimeSpan? FunctionTimeout { get; init; }

    internal void Check(RegistrySettings settings, SettingsReader reader)
    {
        if (RoutePrefix is { } prefix && prefix.Trim('/') != settings.Prefix.Trim('/'))
        {
            reader.Problem("Prefix", $"must be '{prefix}', as extensions.http.routePrefix in host.json is: the host reads it nowhere else.");
        }

        if (FunctionTimeout is { } timeout && settings.Maintenance.TimeLimit >= timeout)
        {
            reader.Problem("Timers:TimeLimit", $"({settings.Maintenance.TimeLimit:c}) must be less than functionTimeout in host.json ({timeout:c}).");
        }

        if (!IsFunctions) return;
        if (settings.Uploads.Only) reader.Problem("Uploads:Only", "is for a plain server: the Functions host cannot take large layers, which is what a server of uploads is for.");
        if (settings.Storage.IsOpen) reader.Problem("Storage", "needs ConnectionString or AccountName.");
        if (settings.Storage.Path is not null) reader.Problem("Storage:Path", "is for a plain server: what an instance of an app has on its disk is gone with it, and no other instance sees it.");
        if (settings.Storage.Development) reader.Problem("Storage:Development", "is for a plain server: no app can start an Azurite.");
        if (settings.Pulls.PerAddress.IsSet && settings.Auth.Proxies is null) reader.Problem("Pulls:PerAddress", "needs Auth:Proxies: until it says how many proxies there are, the platform's own address may be everybody's.");
        if (settings.Auth.Mode is null) reader.Problem("Auth:Mode", "must be set: token, basic, or none for a registry that is open to everybody.");
    }
}
