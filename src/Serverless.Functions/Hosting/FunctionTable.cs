using System.Text.Json;
using System.Text.Json.Nodes;
using Serverless.Functions.Maintenance;

namespace Serverless.Functions.Hosting;

/// <summary>
/// The functions that the Azure Functions host sees: one for each family of routes, and the timers. Their <c>function.json</c> files, below <c>Functions/</c>, say the same;
/// a test compares them.
/// </summary>
internal static class FunctionTable
{
    private static readonly string[] s_methods = ["get", "head", "post", "put", "patch", "delete"];

    // The host takes the first function by name whose route fits, so no two may fit one path. A path is told by its last segments, as the registry itself tells it. Every
    // function takes every method: what does not fit is the registry's to refuse, in the protocol's terms.
    private static readonly (string Name, string Ending)[] s_endings =
    [
        ("Tags", "/tags/list"),
        ("Manifests", "/manifests/[^/]+"),
        ("Referrers", "/referrers/[^/]+"),
        // Not blobs/uploads, which has no slash at its end in some clients; no digest ends with an s.
        ("Blobs", "/blobs/[^/]*[^/s]"),
        ("UploadStart", "/blobs/uploads/?"),
        ("Uploads", "/blobs/uploads/[^/]+"),
    ];

    private static readonly (string Name, string Route)[] s_routes =
    [
        ("Ping", "v2"),
        ("Catalog", "v2/_catalog"),
        .. s_endings.Select(e => (e.Name, Matching($"^.+{e.Ending}$"))),
        // Everything else below v2, so that a client gets an answer in the protocol's terms and not the host's empty one.
        ("NoEndpoint", Matching($"^(?!$|_catalog/?$|.+({string.Join('|', s_endings.Select(e => e.Ending))})$)")),
        ("Token", "token"),
        ("OAuth2Token", "oauth2/token"),
        ("OAuth2Exchange", "oauth2/exchange"),
        ("SigningKeys", ".well-known/jwks.json"),
        ("Health", "healthz"),
    ];

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Every function's name and the content of its <c>function.json</c>.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = s_routes.ToDictionary(r => r.Name, r => Http(r.Route))
        .Concat(MaintenanceSettings.TaskNames.ToDictionary(name => name, Timer)).ToDictionary();

    /// <summary>The routes of the HTTP functions by name.</summary>
    public static IReadOnlyDictionary<string, string> Routes { get; } = s_routes.ToDictionary(r => r.Name, r => r.Route);

    private static string Matching(string expression) => $"v2/{{*path:regex({expression})}}";

    private static string Http(string route) => Write(
        new JsonObject
        {
            ["type"] = "httpTrigger",
            ["direction"] = "in",
            ["name"] = "request",
            // The registry decides on access itself.
            ["authLevel"] = "anonymous",
            ["methods"] = new JsonArray([.. s_methods.Select(m => (JsonNode)m)]),
            ["route"] = route,
        },
        new JsonObject { ["type"] = "http", ["direction"] = "out", ["name"] = "response" });

    private static string Timer(string name) => Write(new JsonObject
    {
        ["type"] = "timerTrigger",
        ["direction"] = "in",
        ["name"] = "timer",
        ["schedule"] = $"%Registry__Timers__{name}__Schedule%",
    });

    private static string Write(params JsonNode[] bindings) => new JsonObject { ["bindings"] = new JsonArray(bindings) }.ToJsonString(s_json) + "\n";
}
