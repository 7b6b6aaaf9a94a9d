using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Configuration;

namespace Serverless.Functions;

/// <summary>host.json, by which the host goes, as far as the registry must agree with it.</summary>
/// <param name="RoutePrefix">What comes before every route.</param>
/// <param name="FunctionTimeout">How long a timer's function may run; null: for ever.</param>
internal sealed record HostFile(string RoutePrefix, TimeSpan? FunctionTimeout)
{
    // Where the host's documentation says what holds without a setting (https://learn.microsoft.com/azure/azure-functions/functions-host-json).
    private const string DefaultPrefix = "api";
    private static readonly TimeSpan s_defaultTimeout = TimeSpan.FromMinutes(30);

    /// <summary>Reads the file that is deployed with the app.</summary>
    public static HostFile Read(IConfiguration configuration)
    {
        var folder = configuration["FUNCTIONS_APPLICATION_DIRECTORY"] ?? AppContext.BaseDirectory;
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "host.json")));
        var root = json.RootElement;
        var prefix = root.TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("http", out var http) && http.TryGetProperty("routePrefix", out var text) ? text.GetString()! : DefaultPrefix;
        return new HostFile(prefix, root.TryGetProperty("functionTimeout", out var timeout) ? ReadTimeout(timeout.GetString()!) : s_defaultTimeout);
    }

    private static TimeSpan? ReadTimeout(string text) => text == "-1" ? null : TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture);
}
