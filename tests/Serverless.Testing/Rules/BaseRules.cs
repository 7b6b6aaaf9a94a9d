namespace Serverless.Testing.Rules;

/// <summary><c>/</c>, <c>/v2/</c>, and what is no endpoint.</summary>
internal static class BaseRules
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("GET of the root is ready and says nothing", "GET /", 200) { Body = "", Says = ["Content-Length: 0"], Lacks = ["Docker-Distribution-API-Version"] },
        new("HEAD of the root is ready", "HEAD /", 200),
        new("The root may have a query", "GET /?probe=1", 200) { Body = "" },
        new("The root takes no POST", "POST /", 405, "UNSUPPORTED"),

        new("GET of the base is an empty object", "GET /v2/", 200)
        {
            Says = ["Docker-Distribution-API-Version: registry/2.0", "Content-Type: application/json", "Content-Length: 2"],
            Lacks = ["WWW-Authenticate"],
            Body = "{}",
        },
        new("The base may be written without its slash", "GET /v2", 200) { Body = "{}" },
        new("HEAD of the base has the headers alone", "HEAD /v2/", 200) { Says = ["Content-Length: 2"] },
        new("Credentials that nobody asked for do no harm at the base", "GET /v2/", 200) { With = ["Authorization: Basic eDp5"], Body = "{}" },
        new("Credentials that nobody can read do no harm at the base", "GET /v2/", 200) { With = ["Authorization: Bearer ..."], Body = "{}" },
        new("The base takes no PUT", "PUT /v2/", 405, "UNSUPPORTED") { Sends = "" },
        new("The base takes no PATCH", "PATCH /v2/", 405, "UNSUPPORTED") { Sends = "" },
        new("The base takes no OPTIONS", "OPTIONS /v2/", 405, "UNSUPPORTED"),

        new("Version 1 is not there", "GET /v1/_ping", 404, "NAME_UNKNOWN"),
        new("The version has a small v", "GET /V2/", 404, "NAME_UNKNOWN"),
        new("A repository alone is no endpoint", "GET /v2/app", 404, "NAME_UNKNOWN"),
        new("A list of manifests is no endpoint", "GET /v2/app/manifests/", 404, "NAME_UNKNOWN"),
        new("A list of blobs is no endpoint", "GET /v2/app/blobs/", 404, "NAME_UNKNOWN"),
        new("A slash after a tag is another path", "GET /v2/app/manifests/v1/", 404, "NAME_UNKNOWN"),
        new("A slash after a digest is another path", "GET /v2/app/blobs/{layer}/", 404, "NAME_UNKNOWN"),
        new("An encoded slash in front of the reference is another path", "GET /v2/app/manifests%2fv1", 404, "NAME_UNKNOWN"),
        new("An encoded slash in the name is another path", "GET /v2/te%2Fam/manifests/v1", 404, "NAME_UNKNOWN"),
        new("A slash encoded twice is another path", "GET /v2/te%252fam/manifests/v1", 404, "NAME_UNKNOWN"),
        new("HEAD of what is no endpoint has no body", "HEAD /v2/app/nothing", 404),

        new("Below a prefix the base is there", "GET /team/v2/", 200) { Under = ["Prefix=/team"], Body = "{}" },
        new("Beside the prefix nothing is there", "GET /v2/", 404, "NAME_UNKNOWN") { Under = ["Prefix=/team"] },
        new("The root stays ready whatever the prefix", "GET /", 200) { Under = ["Prefix=/team"] },
    ];
}
