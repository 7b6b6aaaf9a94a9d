using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Serverless.Registry.Oci;

namespace Serverless.Web.Tests.Remotes;

/// <summary>What a registry of others does that is pushed to, one that knows no referrers unless a test says so. It keeps what it was sent.</summary>
internal sealed class PushedRegistry
{
    private const string Base = "/v2/team/app";

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    public ConcurrentDictionary<string, (string? Type, byte[] Payload)> Manifests { get; } = new();

    /// <summary>Methods and paths, in their order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Where uploads go on.</summary>
    public string Upload { get; set; } = "/v2/team/app/blobs/uploads/1?_state=a%2Fb";

    /// <summary>Whether manifests with a subject are listed by the registry itself.</summary>
    public bool ListsReferrers { get; set; }

    /// <summary>Blobs that can be mounted.</summary>
    public HashSet<string> Elsewhere { get; } = [];

    public async Task AnswerAsync(HttpContext http)
    {
        var (request, path) = (http.Request, http.Request.Path.Value!);
        Asked.Enqueue($"{request.Method} {path}");
        var last = path[(path.LastIndexOf('/') + 1)..];
        switch (request.Method)
        {
            case "HEAD" or "GET" when path.StartsWith(Base + "/manifests/", StringComparison.Ordinal) && Manifests.TryGetValue(last, out var found):
                http.Response.ContentType = found.Type;
                http.Response.Headers["Docker-Content-Digest"] = Digest.Compute(DigestAlgorithm.Sha256, found.Payload).ToString();
                http.Response.ContentLength = found.Payload.Length;
                if (request.Method == "GET") await http.Response.Body.WriteAsync(found.Payload);
                break;
            case "HEAD" when Blobs.ContainsKey(last):
                break;
            case "POST" when Elsewhere.Contains(request.Query["mount"].ToString()):
                await ScriptedRegistry.Status(http, 201);
                break;
            case "POST":
                await ScriptedRegistry.Status(http, 202, headers: ("Location", Upload));
                break;
            case "PUT" when path.Contains("/manifests/", StringComparison.Ordinal):
                var payload = await ReadAsync(request);
                foreach (var name in (string[])[last, Digest.Compute(DigestAlgorithm.Sha256, payload).ToString()]) Manifests[name] = (request.ContentType, payload);
                await ScriptedRegistry.Status(http, 201, headers: ListsReferrers ? [("OCI-Subject", "sha256:1")] : []);
                break;
            case "PUT":
                Blobs[request.Query["digest"].ToString()] = await ReadAsync(request);
                await ScriptedRegistry.Status(http, 201);
                break;
            default:
                await ScriptedRegistry.Status(http, 404);
                break;
        }
    }

    private static async Task<byte[]> ReadAsync(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        return body.ToArray();
    }
}
