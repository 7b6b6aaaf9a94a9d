namespace Serverless.Testing.Rules;

/// <summary>Refusals that hold for every endpoint: read-only mode, immutable tags, names, methods.</summary>
internal static class ErrorRules
{
    private static readonly string[] s_readOnly = ["ReadOnly=true"];
    private static readonly string[] s_immutable = ["Tags:Immutable:0:Repositories=app", "Tags:Immutable:0:Tags=v*"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("In read-only mode no manifest is taken", "PUT /v2/app/manifests/new", 405, "UNSUPPORTED") { Under = s_readOnly, Sends = "{image.bytes}", Mentions = ["read-only"] },
        new("In read-only mode no upload begins", "POST /v2/app/blobs/uploads/", 405, "UNSUPPORTED") { Under = s_readOnly },
        new("In read-only mode no whole blob is taken", "POST /v2/app/blobs/uploads/?digest={sha256 abc}", 405, "UNSUPPORTED") { Under = s_readOnly, Sends = "abc" },
        new("In read-only mode nothing is mounted", "POST /v2/app/blobs/uploads/?mount={base}&from=base", 405, "UNSUPPORTED") { Under = s_readOnly },
        new("In read-only mode no chunk is taken", "PATCH /v2/app/blobs/uploads/00000000000000000000000000000000", 405, "UNSUPPORTED") { Under = s_readOnly, Sends = "abc" },
        new("In read-only mode no upload ends", "PUT /v2/app/blobs/uploads/00000000000000000000000000000000?digest={layer}", 405, "UNSUPPORTED") { Under = s_readOnly, Sends = "abc" },
        new("In read-only mode no upload is cancelled", "DELETE /v2/app/blobs/uploads/00000000000000000000000000000000", 405, "UNSUPPORTED") { Under = s_readOnly },
        new("In read-only mode no tag is deleted", "DELETE /v2/app/manifests/v1", 405, "UNSUPPORTED") { Under = s_readOnly },
        new("In read-only mode no manifest is deleted", "DELETE /v2/app/manifests/{image}", 405, "UNSUPPORTED") { Under = s_readOnly },
        new("In read-only mode no blob is deleted", "DELETE /v2/app/blobs/{spare}", 405, "UNSUPPORTED") { Under = s_readOnly },
        new("In read-only mode a manifest is read", "GET /v2/app/manifests/v1", 200) { Under = s_readOnly, Body = "{image.bytes}" },
        new("In read-only mode a blob is read", "GET /v2/app/blobs/{layer}", 307) { Under = s_readOnly },
        new("In read-only mode tags are listed", "GET /v2/app/tags/list", 200) { Under = s_readOnly, Mentions = ["v1"] },
        new("In read-only mode a path that is none is still none", "POST /v2/app", 404, "NAME_UNKNOWN") { Under = s_readOnly },

        new("An immutable tag is not moved", "PUT /v2/app/manifests/v1", 403, "DENIED") { Under = s_immutable, Sends = "{index.bytes}" },
        new("An immutable tag is not moved by the query", "PUT /v2/app/manifests/{index}?tag=free&tag=v1", 403, "DENIED") { Under = s_immutable, Sends = "{index.bytes}" },
        new("An immutable tag is not deleted", "DELETE /v2/app/manifests/v1", 403, "DENIED") { Under = s_immutable },
        new("What an immutable tag points at is not deleted", "DELETE /v2/app/manifests/{image}", 403, "DENIED") { Under = s_immutable },
        new("An immutable tag is read like any other", "GET /v2/app/manifests/v1", 200) { Under = s_immutable, Body = "{image.bytes}" },

        new("A name in upper case is invalid", "GET /v2/APP/manifests/v1", 400, "NAME_INVALID"),
        new("A name that begins with a separator is invalid", "GET /v2/.app/manifests/v1", 400, "NAME_INVALID"),
        new("A name that ends with a separator is invalid", "GET /v2/app_/manifests/v1", 400, "NAME_INVALID"),
        new("A name with three underscores in a row is invalid", "GET /v2/a___b/manifests/v1", 400, "NAME_INVALID"),
        new("A name with two dots in a row is invalid", "GET /v2/a..b/manifests/v1", 400, "NAME_INVALID"),
        new("A name with mixed separators in a row is invalid", "GET /v2/a._b/manifests/v1", 400, "NAME_INVALID"),
        new("A name with an empty part is invalid", "GET /v2/a//b/manifests/v1", 400, "NAME_INVALID"),
        new("A name of 256 characters is invalid", "GET /v2/{long 256}/manifests/v1", 400, "NAME_INVALID"),
        new("A name with a colon is invalid", "GET /v2/localhost:5000/app/manifests/v1", 400, "NAME_INVALID"),
        new("A name with a blank is invalid", "GET /v2/a%20b/manifests/v1", 400, "NAME_INVALID"),
        new("A name of 255 characters is a name", "GET /v2/{long 255}/manifests/v1", 404, "MANIFEST_UNKNOWN"),
        new("A name with two underscores in a row is a name", "GET /v2/a__b/manifests/v1", 404, "MANIFEST_UNKNOWN"),
        new("A name with many hyphens in a row is a name", "GET /v2/a-----b/manifests/v1", 404, "MANIFEST_UNKNOWN"),
        new("A name with dots and parts is a name", "GET /v2/a.b/c.d/0/manifests/v1", 404, "MANIFEST_UNKNOWN"),
        new("A name may hold the words of the paths", "GET /v2/manifests/blobs/uploads/tags/manifests/v1", 404, "MANIFEST_UNKNOWN"),
        new("A name may be the list of tags", "GET /v2/tags/list/tags/list", 404, "NAME_UNKNOWN"),
        new("A name may be that of the catalog's neighbour", "GET /v2/catalog/tags/list", 404, "NAME_UNKNOWN"),

        new("A method that nobody knows is unsupported", "BREW /v2/app/manifests/v1", 405, "UNSUPPORTED"),
        new("TRACE is unsupported", "TRACE /v2/app/manifests/v1", 405, "UNSUPPORTED"),
        new("A method in a header changes nothing", "GET /v2/app/manifests/v1", 200) { With = ["X-HTTP-Method-Override: DELETE"], Body = "{image.bytes}" },
        new("A path in a header changes nothing", "GET /v2/", 200) { With = ["X-Original-URL: /v2/_catalog", "X-Rewrite-URL: /v2/_catalog"], Body = "{}" },
    ];
}
