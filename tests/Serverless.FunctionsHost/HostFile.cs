using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost;

/// <summary>host.json, with what the app settings override of it.</summary>
/// <remarks>https://learn.microsoft.com/azure/azure-functions/functions-host-json and functions-custom-handlers, read in 2026.</remarks>
internal sealed record HostFile
{
    private const string OverridePrefix = "AzureFunctionsJobHost__";

    private static readonly string[] s_members = ["version", "functionTimeout", "extensions", "customHandler", "logging"];

    /// <summary>Begins every route; without slashes at its ends.</summary>
    public required string RoutePrefix { get; init; }

    /// <summary>How long a function may run; null: for ever.</summary>
    public required TimeSpan? FunctionTimeout { get; init; }

    public required string Executable { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    public static HostFile Read(string appRoot, IReadOnlyDictionary<string, string> appSettings)
    {
        var json = Json.ReadObject(Path.Combine(appRoot, "host.json"));
        foreach (var (key, value) in appSettings)
        {
            if (key.StartsWith(OverridePrefix, StringComparison.OrdinalIgnoreCase)) Override(json, key[OverridePrefix.Length..].Split("__"), value);
        }

        if (json.Select(m => m.Key).Except(s_members).FirstOrDefault() is { } stranger) throw new HostRefusesException($"host.json has '{stranger}', which this emulation does not know.");
        if (Text(json, "version") != "2.0") throw new HostRefusesException("host.json must have version 2.0.");
        if (Find(json, "customHandler:http:routes") is not null) throw new HostRefusesException("customHandler.http.routes excludes function.json files.");
        if (Text(json, "customHandler:enableProxyingHttpRequest") != "true") throw new HostRefusesException("Only customHandler.enableProxyingHttpRequest streams bodies.");
        var executable = Text(json, "customHandler:description:defaultExecutablePath") ?? throw new HostRefusesException("host.json names no executable.");
        return new HostFile
        {
            RoutePrefix = (Text(json, "extensions:http:routePrefix") ?? "api").Trim('/'),
            FunctionTimeout = ReadTimeout(Text(json, "functionTimeout") ?? "00:30:00"),
            Executable = Path.GetFullPath(executable, appRoot),
            Arguments = [.. (Find(json, "customHandler:description:arguments") as JsonArray ?? []).Select(a => a!.GetValue<string>())],
        };
    }

    private static TimeSpan? ReadTimeout(string text) => text == "-1" ? null
        : TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var timeout) && timeout > TimeSpan.Zero ? timeout
        : throw new HostRefusesException($"functionTimeout is '{text}'.");

    private static void Override(JsonObject json, string[] path, string value)
    {
        foreach (var part in path[..^1])
        {
            if (json[part] is not JsonObject next) json[part] = next = [];
            json = next;
        }

        json[path[^1]] = value;
    }

    private static JsonNode? Find(JsonObject json, string path) =>
        path.Split(':').Aggregate((JsonNode?)json, (node, part) => (node as JsonObject)?[part]);

    private static string? Text(JsonObject json, string path) => Find(json, path) is not JsonValue value ? null
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
}
