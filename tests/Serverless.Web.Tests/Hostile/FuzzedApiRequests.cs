using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Mvc.ModelBinding;
using Serverless.Testing;
using Serverless.Web.Tests.Api;
using Serverless.Web.Tests.Auth;

namespace Serverless.Web.Tests.Hostile;

/// <summary>A request of the API, and which operation it is nearly one of.</summary>
internal sealed record FuzzedApiRequest(ApiOperation Operation, HttpRequestMessage Message, string Caller, string? Body) : IDisposable
{
    public override string ToString() => $"{Message.Method} {Message.RequestUri} by {Caller}, [{string.Join("; ", Message.Headers.Where(h => h.Key != "Authorization").Select(h => $"{h.Key}: {string.Join(',', h.Value)}"))}], {Body?[..Math.Min(Body.Length, 300)]}";

    public void Dispose() => Message.Dispose();
}

/// <summary>Makes requests of everything that the API can be asked for: nearly right ones, and some that are not right at all.</summary>
/// <param name="random">Where all choices come from.</param>
/// <param name="tokens">Whose token there is, by name.</param>
internal sealed class FuzzedApiRequests(SeededGenerator random, IReadOnlyDictionary<string, string> tokens)
{
    /// <summary>The repositories that tokens are for.</summary>
    public static readonly string[] Names = ["team/app", "team/web", "a"];

    /// <summary>An endpoint that has not taken some events.</summary>
    public const string Endpoint = "ops";

    /// <summary>Those events.</summary>
    public static readonly string[] Events = [.. Enumerable.Range(0, 20).Select(i => $"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a{i:x2}")];

    private static readonly string[] s_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"];
    private static readonly string[] s_texts =
    [
        "", "0", "1", "2", "-1", "1e3", "99999999999999999999", "v1", "v2", "latest", ".x", "-", "..", "%2e%2e", "%2e%2e%2f", "a%2fb", "a%00", "%ff", "%ed%a0%80", "%", "%zz", "%20", "%c3%a4", "%e2%80%ae", "'", "''",
        "%27%20or%20PartitionKey%20ne%20%27", "%22", "%3Cscript%3E", "_tags", "_manifests", "_deleted", "history", "referrers", "password", "sha256:1", "sha256", "sha256:", "SHA256:00", "a:b:c", "*", "~", "|", "%7C", "%0d%0aX:y", "%09", "%5c", "%23", "?", ";",
        new('a', 129), new('a', 256), new('a', 2000),
    ];
    private static readonly string[] s_types = ["application/json", "application/json; charset=utf-8", "application/json; charset=utf-16", "APPLICATION/JSON", "text/plain", "application/problem+json", "", "x", "a/b; c=\"", ";"];
    private static readonly string[] s_headers = ["Accept", "Accept-Encoding", "If-Match", "If-None-Match", "Range", "Content-Encoding", "Expect", "Prefer", "X-Forwarded-Host", "X-HTTP-Method-Override", "Cookie", "Origin", "traceparent"];
    private static readonly string[] s_values =
        ["", "*", "*/*;q=0", "\"x\"", "W/\"x\"", "\"\"", "\"", "\"a\", \"b\"", "x", ",", ",,", "gzip;q=0, *;q=0", "bytes=0-1", "wait=0", "wait=-1", "wait=x", "respond-async", "evil.example", "a,b", "%00", "é", "100-continue", new('"', 500), new('x', 4000)];
    private static readonly string[] s_queries = ["n", "cursor", "q", "all", "digest", "last", "x", "", "%00", "n%5b%5d"];

    // What each operation takes that has a body.
    private static readonly Dictionary<string, string[]> s_bodies = new(StringComparer.Ordinal)
    {
        ["putTag"] = ["{}", """{"digest":"DIGEST"}"""],
        ["addAccount"] =
        [
            """{"name":"NEW","kind":"user","password":"a long password","scopeMaps":["team"]}""",
            """{"name":"NEW","kind":"robot","scopeMaps":[],"expiresAt":"2099-01-01T00:00:00Z"}""",
        ],
        ["changeAccount"] = ["""{"disabled":true}""", """{"disabled":false,"scopeMaps":["team","more"]}""", """{"password":"another password"}"""],
        ["setScopeMap"] = ["""{"rules":["team/*:pull,push","registry:catalog:*"]}"""],
        ["setQuota"] = ["""{"hard":1000000000}""", """{"soft":1,"hard":1000000000}""", """{"soft":1}"""],
        ["addImport"] =
        [
            """{"source":"there.invalid/app:NEW","target":"team/app:imported","platform":"linux/amd64"}""",
            """{"source":"http://127.0.0.1:1/app","target":"team/web","tags":["v*"],"referrers":false,"credentials":{"username":"u","password":"p","trustedRealms":["auth.invalid"]}}""",
        ],
    };

    private readonly List<string> _digests = ["sha256:0000000000000000000000000000000000000000000000000000000000000000", "sha512:00"];
    private readonly List<string> _cursors = ["AAAA", "eyJ9", "MXx4", "%7B%7D"];
    private readonly List<string> _deleted = [];
    private readonly List<string> _imports = ["00000000000000000000000000000000", "1"];
    private readonly List<string> _accounts = ["ann", "bob", "root", "robot", "nobody"];

    /// <summary>Something was deleted, by its path below <c>/api/v1/</c>, and can be restored.</summary>
    public void AddDeleted(string path) => Add(_deleted, path.Replace("/_tags/", "/_deleted/", StringComparison.Ordinal).Replace("/_manifests/", "/_deleted/", StringComparison.Ordinal));

    public void AddDigest(string digest) => Add(_digests, digest);

    public void AddCursor(string cursor) => Add(_cursors, Uri.EscapeDataString(cursor));

    public void AddImport(string id) => Add(_imports, id);

    public FuzzedApiRequest Next(Uri server)
    {
        var operation = random.Pick(ApiOperations.All);
        // Else there were soon nothing left to ask for.
        if (operation.Method == "DELETE" && random.Chance(70, 100)) operation = random.Pick(ApiOperations.All);
        var path = string.Join('/', operation.Path.Split('/').Select(s => s.StartsWith('{') ? Value(s[1..^1]) : s));
        if (operation.Id == "restore" && _deleted.Count > 0 && random.Chance(70, 100)) path = random.Pick(_deleted);
        var target = new Uri(server.GetLeftPart(UriPartial.Authority) + Mutate("/api/v1/" + path, 5) + Query(operation), new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var message = new HttpRequestMessage(new HttpMethod(random.Chance(92, 100) ? operation.Method : random.Pick(s_methods)), target);
        var body = operation.Body is not null || random.Chance(5, 100) ? Body(operation) : null;
        if (body is not null)
        {
            // Half a surrogate pair becomes bytes that are no UTF-8 otherwise than by an encoder, which would mend it.
            message.Content = new ByteArrayContent(random.Chance(3, 100) ? [.. Encoding.UTF8.GetBytes(body), .. random.Bytes(8)] : Encoding.UTF8.GetBytes(body));
            message.Content.Headers.TryAddWithoutValidation("Content-Type", random.Chance(90, 100) ? s_types[0] : random.Pick(s_types));
            if (random.Chance(20, 100)) message.Headers.TransferEncodingChunked = true;
        }

        AddHeaders(operation, message);
        return new FuzzedApiRequest(operation, message, Authorize(message), body);
    }

    private void Add(List<string> known, string text)
    {
        if (known.Count < 40) known.Add(text);
        else known[random.Next(known.Count)] = text;
    }

    private string Value(string name) => random.Chance(12, 100) ? random.Pick(s_texts) : name switch
    {
        "name" => random.Pick(Names),
        "tag" or "map" => random.Pick((string[])["v1", "v1", "v2", "latest", "team", "more", "fixed"]),
        "digest" => random.Pick(_digests),
        "reference" => random.Chance(50, 100) ? random.Pick(_digests) : random.Pick((string[])["v1", "v2", "latest"]),
        "account" => random.Pick(_accounts),
        "pattern" => random.Pick((string[])["team", "te*", "*", "a"]),
        "endpoint" => Endpoint,
        "event" => random.Pick(Events),
        "id" => random.Pick(_imports),
        _ => random.Pick(s_texts),
    };

    private string Query(ApiOperation operation)
    {
        List<string> parts = [];
        foreach (var parameter in operation.Parameters.Where(p => p.Source is null && random.Chance(30, 100)))
        {
            var value = random.Chance(40, 100) ? random.Pick(s_texts) : parameter.Name switch { "n" => random.Pick((string[])["1", "2", "50"]), "cursor" => Mutate(random.Pick(_cursors), 30), _ => "a" };
            parts.Add($"{parameter.Name}={value}");
        }

        if (random.Chance(8, 100)) parts.Add($"{random.Pick(s_queries)}={random.Pick(s_texts)}");
        return parts.Count == 0 ? "" : "?" + string.Join('&', parts);
    }

    private void AddHeaders(ApiOperation operation, HttpRequestMessage message)
    {
        foreach (var parameter in operation.Parameters.Where(p => p.Source == BindingSource.Header && random.Chance(20, 100)))
        {
            // Whoever waits for an import waits for a clock that stands still here.
            var value = parameter.Name == "If-Match" && random.Chance(50, 100) ? $"\"{random.Pick(_digests)}\"" : random.Pick(s_values);
            message.Headers.TryAddWithoutValidation(parameter.Name, value);
        }

        for (var i = random.Next(8) - 5; i > 0; i--)
        {
            var (name, value) = (random.Pick(s_headers), random.Pick(s_values));
            if (!message.Headers.TryAddWithoutValidation(name, value)) message.Content?.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private string Authorize(HttpRequestMessage message)
    {
        var caller = random.Pick((string[])["root", "root", "root", "root", "ann", "ann", "bob", "nobody", "forger"]);
        if (tokens.TryGetValue(caller, out var token)) message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        else if (caller == "forger") message.Headers.TryAddWithoutValidation("Authorization", random.Pick((string[])["Bearer", "Bearer ", "Basic", "Basic x", "Basic Og==", "Basic " + new string('A', 3000), "Digest x", "Bearer " + Mutate(random.Pick([.. tokens.Values]), 100), ""]));
        return caller;
    }

    private string Body(ApiOperation operation)
    {
        if (random.Chance(4, 100)) return random.Pick((string[])[new string('[', 10_000), "{\"a\":" + new string('{', 5_000), $"{{\"name\":\"{new string('x', 17_000)}\"}}", new string(' ', 200_000), "", "null", "[]", "7", "\"x\"", "\ufeff{}", "{}{}", "{\"rules\":null}", "{\"rules\":[null]}"]);
        var body = random.Pick(s_bodies.GetValueOrDefault(operation.Id) ?? ["{}"]).Replace("DIGEST", random.Pick(_digests), StringComparison.Ordinal).Replace("NEW", $"n{random.Next(30)}", StringComparison.Ordinal);
        for (var i = Math.Max(0, random.Next(6) - 2); i > 0; i--)
        {
            var at = random.Next(body.Length + 1);
            body = body[..at] + random.Pick(FuzzedInputs.Pieces) + body[Math.Min(body.Length, at + random.Next(5))..];
        }

        return body;
    }

    private string Mutate(string text, int percent)
    {
        if (!random.Chance(percent, 100) || text.Length < 2) return text;
        var at = 1 + random.Next(text.Length - 1);
        return random.Next(3) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, random.Pick((string[])["/", "%2f", "%", "%00", ".", "A", ":", "%25", ";", "\\", "%e2%80%ae", "_"])),
            _ => text[..at],
        };
    }
}
