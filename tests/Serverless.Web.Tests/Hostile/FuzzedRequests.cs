using System.Text;
using Serverless.Registry.Oci;
using Serverless.Testing;

namespace Serverless.Web.Tests.Hostile;

/// <summary>Makes requests that are nearly right, and some that are not right at all.</summary>
public sealed class FuzzedRequests(SeededGenerator random, IReadOnlyList<string> locations, IReadOnlyList<string> digests, IReadOnlyList<byte[]> manifests)
{
    private static readonly string[] s_methods = ["GET", "GET", "HEAD", "POST", "PUT", "PUT", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"];
    private static readonly string[] s_names = ["app", "app", "app", "team/app", "team/app", "team/app", "a", "blobs/uploads", "manifests", "App", "a//b", "..", "a_", "%41", "a%2fb", "tags", "v2", "", "a'b", "a%00", "%c3%a4"];
    private static readonly string[] s_references = ["v1", "v1", "v2", "v2", "latest", "latest", "latest", ".x", "-", "sha256:1", "sha256", "list", "uploads", "%20", "a%2fb", "a?b", "a:b:c"];
    private static readonly string[] s_types =
        [MediaTypes.OciManifest, MediaTypes.OciIndex, MediaTypes.DockerManifest, MediaTypes.DockerManifestList, MediaTypes.OctetStream, "application/json", "", "x", "a/b; c=\"", ";"];
    private static readonly string[] s_headers = ["Range", "Content-Range", "If-None-Match", "Accept", "Content-Encoding", "X-Forwarded-Host", "Authorization"];
    private static readonly string[] s_values =
        ["bytes=0-1", "bytes=-1", "bytes=5-", "bytes=9-1", "0-2", "2-0", "0-", "5-7", "0-99999999999999999999", "*", "\"x\"", "gzip", "evil.example", "Bearer x", "", "a,b", "%00"];
    private static readonly string[] s_queries = ["digest", "mount", "from", "n", "last", "tag", "_state", "artifactType", "digest-algorithm", "x"];
    private static readonly string[] s_queryValues = ["", "0", "1", "-1", "99999999999999999999", "a", "v1", "app", "sha512", "%00", "%ff", "'", "..", "A B"];

    public HttpRequestMessage Next(Uri server)
    {
        var path = Path();
        var query = Query();
        var target = new Uri(server.GetLeftPart(UriPartial.Authority) + Mutate(path, 10) + query, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var method = path.Contains("/manifests/", StringComparison.Ordinal) && random.Chance(50, 100) ? "PUT" : random.Pick(s_methods);
        var request = new HttpRequestMessage(new HttpMethod(method), target);
        if (request.Method.Method is "POST" or "PUT" or "PATCH" || random.Chance(5, 100))
        {
            request.Content = new ByteArrayContent(Body());
            request.Content.Headers.TryAddWithoutValidation("Content-Type", random.Pick(s_types.AsSpan(0, random.Chance(80, 100) ? 2 : s_types.Length).ToArray()));
            if (random.Chance(20, 100)) request.Headers.TransferEncodingChunked = true;
        }

        for (var i = random.Next(3); i > 0; i--)
        {
            var (name, value) = (random.Pick(s_headers), random.Pick(s_values));
            if (!request.Headers.TryAddWithoutValidation(name, value)) request.Content?.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    private string Path() => random.Next(10) switch
    {
        0 => random.Pick(locations).Split('?')[0],
        1 => "/v2/_catalog",
        2 => $"/v2/{random.Pick(s_names)}/tags/list",
        3 => $"/v2/{random.Pick(s_names)}/referrers/{Reference()}",
        4 or 5 => $"/v2/{random.Pick(s_names)}/manifests/{Reference()}",
        6 or 7 => $"/v2/{random.Pick(s_names)}/blobs/{Reference()}",
        8 => $"/v2/{random.Pick(s_names)}/blobs/uploads/",
        _ => random.Pick((string[])["/", "/v2", "/v2/", "//", "/v2//", "/CollectGarbage", "/admin/host/status", "/v2/x", "/*"]),
    };

    private string Reference() => random.Chance(30, 100) ? random.Pick(digests) : random.Pick(s_references);

    private string Query()
    {
        if (random.Chance(50, 100)) return "";
        List<string> parts = [];
        if (random.Chance(20, 100)) parts.Add(Mutate(random.Pick(locations).Split('?')[1], 5));
        for (var i = random.Next(3); i > 0; i--)
        {
            parts.Add($"{random.Pick(s_queries)}={(random.Chance(40, 100) ? random.Pick(digests) : random.Pick(s_queryValues))}");
        }

        return "?" + string.Join('&', parts);
    }

    private byte[] Body()
    {
        if (random.Chance(20, 100)) return random.Bytes(random.Next(200));
        var body = random.Pick(manifests).ToArray();
        for (var i = Math.Max(0, random.Next(5) - 2); i > 0; i--) body[random.Next(body.Length)] = (byte)random.Next(256);
        return random.Chance(10, 100) ? Encoding.UTF8.GetBytes(new string('[', 100_000)) : random.Chance(10, 100) ? body[..random.Next(body.Length)] : body;
    }

    private string Mutate(string text, int percent)
    {
        if (!random.Chance(percent, 100) || text.Length < 2) return text;
        var at = 1 + random.Next(text.Length - 1);
        return random.Next(3) switch
        {
            0 => text.Remove(at, 1),
            1 => text.Insert(at, random.Pick((string[])["/", "%2f", "%", "%00", ".", "A", ":", "%25", ";", "\\"])),
            _ => text[..at],
        };
    }
}
