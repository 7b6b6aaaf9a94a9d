using System.Globalization;
using System.Text.Json;

namespace Serverless.Functions.Hosting;

/// <summary>How the Azure Functions host starts a custom handler: it names the port on which to listen, on loopback only.</summary>
internal static class CustomHandler
{
    private const string PortVariable = "FUNCTIONS_CUSTOMHANDLER_PORT";
    private const string RootVariable = "FUNCTIONS_APP_ROOT_PATH";
    private const string NameVariable = "WEBSITE_HOSTNAME";
    private const string HostsDefault = "api";
    private const string PrefixVariable = "AzureFunctionsJobHost__extensions__http__routePrefix";

    /// <summary>The address to listen on; null when the app was not started by the host.</summary>
    /// <exception cref="SettingsException">The port is no port.</exception>
    public static string? FindUrl(IConfiguration configuration)
    {
        if (configuration[PortVariable] is not { Length: > 0 } text) return null;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65535
            ? string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")
            : throw new SettingsException([$"{PortVariable} is '{text}', but must be a port."]);
    }

    /// <summary>The host matches paths before the registry sees them, so both must know the same prefix.</summary>
    /// <exception cref="SettingsException">They do not.</exception>
    public static void DemandPrefix(IConfiguration configuration, string prefix)
    {
        var hosts = configuration[PrefixVariable.Replace("__", ":", StringComparison.Ordinal)] ?? FindPrefix(configuration[RootVariable]);
        if (hosts is null || hosts.Trim('/') == prefix.Trim('/')) return;
        throw new SettingsException([$"Registry:Prefix is '{prefix}', but the routePrefix of the host is '{hosts}': both must be the same. {PrefixVariable} sets the latter."]);
    }

    /// <summary>The address that the platform gives to the app, under which clients reach it unless it has a domain of its own; null when it gives none.</summary>
    public static Uri? FindPlatformUrl(IConfiguration configuration)
    {
        if (configuration[NameVariable] is not { Length: > 0 } name) return null;
        // The platform's front end has TLS; the tools that run the host on one's own machine have not.
        return Uri.TryCreate($"https://{name}", UriKind.Absolute, out var url) ? url.IsLoopback ? new Uri($"http://{name}") : url : null;
    }

    private static string? FindPrefix(string? appRoot)
    {
        var file = Path.Combine(appRoot ?? AppContext.BaseDirectory, "host.json");
        if (!File.Exists(file)) return null;
        using var json = JsonDocument.Parse(File.ReadAllText(file));
        return json.RootElement.TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("http", out var http)
            && http.TryGetProperty("routePrefix", out var prefix) ? prefix.GetString() : HostsDefault;
    }
}
