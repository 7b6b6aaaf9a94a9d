using System.Globalization;

namespace Serverless.Functions.Hosting;

/// <summary>How the Azure Functions host starts a custom handler: it names the port on which to listen, on loopback only.</summary>
internal static class CustomHandler
{
    private const string PortVariable = "FUNCTIONS_CUSTOMHANDLER_PORT";
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
        var hosts = configuration[PrefixVariable.Replace("__", ":", StringComparison.Ordinal)] ?? "";
        if (hosts.Trim('/') != prefix.Trim('/')) throw new SettingsException([$"Registry:Prefix is '{prefix}', but {PrefixVariable} is '{hosts}': both must be the same."]);
    }
}
