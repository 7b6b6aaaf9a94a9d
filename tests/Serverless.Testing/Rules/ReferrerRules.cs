using Serverless.Registry.Oci;

namespace Serverless.Testing.Rules;

/// <summary><c>GET /v2/NAME/referrers/DIGEST</c></summary>
internal static class ReferrerRules
{
    private const string Nothing = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}""";
    private static readonly string[] s_index = ["Content-Type: " + MediaTypes.OciIndex];

    // Referrers come in the order of their digests.
    private static readonly string s_first = string.CompareOrdinal(KnownContent.Sbom.Digest.ToString(), KnownContent.Signature.Digest.ToString()) < 0 ? "sbom" : "signature";
    private static readonly string s_second = s_first == "sbom" ? "signature" : "sbom";

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("Referrers are an index of all that name the subject", "GET /v2/app/referrers/{image}", 200)
        {
            Says = s_index,
            Lacks = ["Link", "OCI-Filters-Applied"],
            Mentions = ["{sbom}", "{signature}"],
        },
        new("A referrer is listed with its size, annotations and type", "GET /v2/app/referrers/{image}?artifactType=application/sbom", 200)
        {
            Json = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{sbom}","size":{sbom.size},"annotations":{"org.example.note":"kept"},"artifactType":"application/sbom"}]}""",
        },
        new("A filter is applied and said to be", "GET /v2/app/referrers/{image}?artifactType=application%2Fsbom", 200) { Says = [.. s_index, "OCI-Filters-Applied: artifactType"], Mentions = ["{sbom}"] },
        new("A referrer without a type has its config's", "GET /v2/app/referrers/{image}?artifactType=application/signature", 200) { Mentions = ["{signature}", "\"artifactType\":\"application/signature\""] },
        new("A filter that nothing passes leaves an empty index", "GET /v2/app/referrers/{image}?artifactType=none", 200) { Says = ["OCI-Filters-Applied: artifactType"], Json = Nothing },
        new("A filter has the letters of the type", "GET /v2/app/referrers/{image}?artifactType=Application/SBOM", 200) { Json = Nothing },
        new("A filter with quotes is a text like any other", "GET /v2/app/referrers/{image}?artifactType='%20or%20'1'%20eq%20'1", 200) { Json = Nothing },
        new("A filter left empty is none", "GET /v2/app/referrers/{image}?artifactType=", 200) { Lacks = ["OCI-Filters-Applied"], Mentions = ["{sbom}", "{signature}"] },

        new("A page of referrers links to the next one", "GET /v2/app/referrers/{image}?n=1", 200)
        {
            Says = [$"Link: </v2/app/referrers/{KnownContent.Image.Digest}?n=1&last=sha256%3A{{{s_first}.hex}}>; rel=\"next\""],
            Mentions = [$"{{{s_first}}}"],
        },
        new("The next page of referrers begins after the last one", $"GET /v2/app/referrers/{{image}}?last=sha256%3A{{{s_first}.hex}}", 200) { Lacks = ["Link"], Mentions = [$"{{{s_second}}}"] },
        new("A page of a filtered list that is just full has no link", "GET /v2/app/referrers/{image}?n=1&artifactType=application/sbom", 200) { Lacks = ["Link"], Mentions = ["{sbom}"] },
        new("Behind the last referrer there is nothing", $"GET /v2/app/referrers/{{image}}?last=sha256:{{{s_second}.hex}}", 200) { Json = Nothing },
        new("A last referrer need not exist", "GET /v2/app/referrers/{image}?last=zzz", 200) { Json = Nothing },
        new("No referrers are none, and no link", "GET /v2/app/referrers/{image}?n=0", 200) { Lacks = ["Link"], Json = Nothing },

        new("A manifest without referrers has an empty index", "GET /v2/app/referrers/{docker}", 200) { Says = s_index, Body = Nothing },
        new("A subject that is not there has an empty index", "GET /v2/app/referrers/{zeros}", 200) { Says = s_index, Json = Nothing },
        new("A subject in a repository that is not there has an empty index", "GET /v2/none/referrers/{image}", 200) { Says = s_index, Json = Nothing },
        new("Another repository's referrers are not listed", "GET /v2/base/referrers/{image}", 200) { Json = Nothing },
        new("A sha512 subject has an empty index", "GET /v2/app/referrers/{sha512 x}", 200) { Json = Nothing },

        new("A tag has no referrers", "GET /v2/app/referrers/v1", 400, "DIGEST_INVALID"),
        new("A malformed digest has no referrers", "GET /v2/app/referrers/sha256:00", 400, "DIGEST_INVALID"),
        new("A digest in upper case has no referrers", "GET /v2/app/referrers/SHA256:{image.hex}", 400, "DIGEST_INVALID"),
        new("A name that is none has no referrers", "GET /v2/app./referrers/{image}", 400, "NAME_INVALID"),
        new("A negative n is refused for referrers", "GET /v2/app/referrers/{image}?n=-1", 400, "PAGINATION_NUMBER_INVALID"),
        new("A last referrer with a NUL is refused", "GET /v2/app/referrers/{image}?last=%00", 400, "UNSUPPORTED"),
        new("Referrers have no HEAD", "HEAD /v2/app/referrers/{image}", 405),
        new("Referrers take no PUT", "PUT /v2/app/referrers/{image}", 405, "UNSUPPORTED") { Sends = "" },
        new("Referrers need a digest", "GET /v2/app/referrers/", 404, "NAME_UNKNOWN"),
    ];
}
