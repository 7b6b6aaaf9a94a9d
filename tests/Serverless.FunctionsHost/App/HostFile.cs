using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost.App;

/// <summary>host.json, with what the app settings override of it.</summary>
/// <remarks>https://learn.microsoft.com/azure/azure-functions/functions-host-json, read in 2026.</remarks>
internal sealed record HostFile
{
    private const string OverridePrefix = "AzureFunctionsJobHost:";
    private const string RoutePrefixPath = "extensions:http:routePrefix";

    private static readonly string[] s_members = ["version", "functionTimeout", "extensions", "logging"];

    /// <summary>Begins every route; without slashes at its ends.</summary>
    public required string RoutePrefix { get; init; }

    /// <summary>How long a function may run; null: for ever.</summary>
    public required TimeSpan? FunctionTimeout { get; init; }

    /// <summary>How queues are read.</summary>
    public required QueueSettings Queues { get; init; }

    public static HostFile Read(string appRoot, AppSettings settings)
    {
        var json = Json.ReadObject(Path.Combine(appRoot, "host.json"));
        foreach (var (key, value) in settings.All)
        {
            if (key.StartsWith(OverridePrefix, StringComparison.OrdinalIgnoreCase)) Override(json, key[OverridePrefix.Length..], value);
        }

        // One of them would have the host start something else in the worker's place.
        if (json.Select(m => m.Key).Except(s_members).FirstOrDefault() is { } stranger) throw new HostRefusesException($"host.json has '{stranger}', which this emulation does not know.");
        if (Text(json, "version") != "2.0") throw new HostRefusesException("host.json must have version 2.0.");
        return new HostFile
        {
            RoutePrefix = (Text(json, RoutePrefixPath) ?? "api").Trim('/'),
            FunctionTimeout = ReadTimeout(Text(json, "functionTimeout") ?? "00:30:00"),
            Queues = QueueSettings.Read((json["extensions"] as JsonObject)?["queues"]),
        };
    }

    private static TimeSpan? ReadTimeout(string text) => text == "-1" ? null
        : TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var timeout) && timeout > TimeSpan.Zero ? timeout
        : throw new HostRefusesException($"functionTimeout is '{text}'; it must be a time such as 00:30:00, or -1 for none.");

    private static void Override(JsonObject json, string path, string value)
    {
        // The host would take it and the worker would not, so that each request waits for a route that the worker does not have: 500 after 15 seconds.
        if (path.Equals(RoutePrefixPath, StringComparison.OrdinalIgnoreCase))
        {
            throw new HostRefusesException("The app setting AzureFunctionsJobHost__extensions__http__routePrefix is for the host alone: the worker reads the prefix from host.json only. Set it there.");
        }

        var parts = path.Split(':');
        foreach (var part in parts[..^1])
        {
            if (json[part] is not JsonObject next) json[part] = next = [];
            json = next;
        }

        json[parts[^1]] = value;
    }

    private static string? Text(JsonObject json, string path) => path.Split(':').Aggregate((JsonNode?)json, (node, part) => (node as JsonObject)?[part]) is not JsonValue value ? null
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
