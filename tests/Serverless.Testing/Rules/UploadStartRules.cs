namespace Serverless.Testing.Rules;

/// <summary><c>POST /v2/NAME/blobs/uploads/</c></summary>
internal static class UploadStartRules
{
    private static readonly string[] s_begun = ["Location: /v2/{app}/blobs/uploads/*", "Range: 0-0", "Content-Length: 0"];
    private static readonly string[] s_abc = ["Location: /v2/{app}/blobs/{sha256 abc}", "Docker-Content-Digest: {sha256 abc}", "Content-Length: 0"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("An upload begins empty, with an id and a place to go on", "POST /v2/{app}/blobs/uploads/", 202) { Says = [.. s_begun, "Docker-Upload-UUID: *"], Lacks = ["OCI-Chunk-Min-Length"], Body = "" },
        new("The start of an upload may be written without its slash", "POST /v2/{app}/blobs/uploads", 202) { Says = s_begun },
        new("The start of an upload may have an empty body", "POST /v2/{app}/blobs/uploads/", 202) { Sends = "", Says = s_begun },
        new("An upload may say that it will be sha512", "POST /v2/{app}/blobs/uploads/?digest-algorithm=sha512", 202) { Says = s_begun },
        new("An upload may say that it will be sha256", "POST /v2/{app}/blobs/uploads/?digest-algorithm=sha256", 202) { Says = s_begun },
        new("An upload's location is below public URL and prefix", "POST /team/v2/{app}/blobs/uploads/", 202)
        {
            Under = ["PublicUrl=https://registry.example/", "Prefix=/team/"],
            Says = ["Location: https://registry.example/team/v2/{app}/blobs/uploads/*"],
        },
        new("An upload's location has nothing of forwarded hosts", "POST /v2/{app}/blobs/uploads/", 202)
        {
            With = ["Host: evil.example", "X-Forwarded-Host: evil.example", "X-Forwarded-Prefix: /evil", "Forwarded: host=evil.example"],
            Says = s_begun,
        },
        new("An upload may begin in a repository that is not there yet", "POST /v2/{app}-new/blobs/uploads/", 202) { Says = ["Location: /v2/{app}-new/blobs/uploads/*"] },

        new("A whole blob with its digest is created at once", "POST /v2/{app}/blobs/uploads/?digest={sha256 abc}", 201) { Sends = "abc", Says = s_abc, Lacks = ["Range"] },
        new("A whole blob may be sha512", "POST /v2/{app}/blobs/uploads/?digest={sha512 abc}", 201) { Sends = "abc", Says = ["Docker-Content-Digest: {sha512 abc}"] },
        new("A whole blob may have no bytes", "POST /v2/{app}/blobs/uploads/?digest={empty}", 201) { Sends = "", Says = ["Docker-Content-Digest: {empty}"] },
        new("A whole blob may be here already", "POST /v2/{app}/blobs/uploads/?digest={layer}", 201) { Sends = "{layer.bytes}", Says = ["Docker-Content-Digest: {layer}"] },
        new("The colon of a whole blob's digest may be encoded", "POST /v2/{app}/blobs/uploads/?digest=sha256%3A{layer.hex}", 201) { Sends = "{layer.bytes}" },
        new("A whole blob may be in a body of any type", "POST /v2/{app}/blobs/uploads/?digest={sha256 abc}", 201) { Sends = "abc", With = ["Content-Type: text/plain"], Says = s_abc },
        new("A whole blob may come in pieces of HTTP", "POST /v2/{app}/blobs/uploads/?digest={sha256 abc}", 201) { Sends = "abc", With = ["Transfer-Encoding: chunked"], Says = s_abc },
        new("A whole blob that is compressed on the way is what was sent", "POST /v2/{app}/blobs/uploads/?digest={sha256 abc}", 201) { Sends = "abc", With = ["Content-Encoding: gzip"], Says = s_abc },
        new("A whole blob waits until it may come", "POST /v2/{app}/blobs/uploads/?digest={sha256 abc}", 201) { Sends = "abc", With = ["Expect: 100-continue"], Says = s_abc },

        new("A whole blob with another digest is refused", "POST /v2/{app}/blobs/uploads/?digest={zeros}", 400, "DIGEST_INVALID") { Sends = "abc" },
        new("A whole blob with another sha512 is refused", "POST /v2/{app}/blobs/uploads/?digest={sha512 x}", 400, "DIGEST_INVALID") { Sends = "abc" },
        new("No bytes with the digest of some are refused", "POST /v2/{app}/blobs/uploads/?digest={sha256 abc}", 400, "DIGEST_INVALID") { Sends = "" },
        new("A whole blob with a malformed digest is refused", "POST /v2/{app}/blobs/uploads/?digest=abc", 400, "DIGEST_INVALID") { Sends = "abc" },
        new("A whole blob with an empty digest is refused", "POST /v2/{app}/blobs/uploads/?digest=", 400, "DIGEST_INVALID") { Sends = "abc" },
        new("A whole blob with a digest of an unknown algorithm is refused", "POST /v2/{app}/blobs/uploads/?digest=md5:900150983cd24fb0d6963f7d28e17f72", 400, "DIGEST_INVALID") { Sends = "abc" },
        new("A whole blob with two digests is refused", "POST /v2/{app}/blobs/uploads/?digest={sha256 abc}&digest={sha256 abc}", 400, "DIGEST_INVALID") { Sends = "abc" },
        new("Of two digests the first is mounted", "POST /v2/{app}/blobs/uploads/?mount={base}&mount={zeros}&from=base", 201) { Says = ["Docker-Content-Digest: {base}"] },
        new("An upload under two algorithms is refused", "POST /v2/{app}/blobs/uploads/?digest-algorithm=md5&digest-algorithm=md5", 400, "DIGEST_INVALID"),
        new("An upload under an algorithm that nobody knows is refused", "POST /v2/{app}/blobs/uploads/?digest-algorithm=md5", 400, "DIGEST_INVALID"),
        new("An upload into a name that is none is refused", "POST /v2/A/blobs/uploads/", 400, "NAME_INVALID"),
        new("An upload into a name of 256 characters is refused", "POST /v2/{long 256}/blobs/uploads/", 400, "NAME_INVALID"),

        new("A mount is created without a body", "POST /v2/{app}/blobs/uploads/?mount={layer}&from=app", 201)
        {
            Says = ["Location: /v2/{app}/blobs/{layer}", "Docker-Content-Digest: {layer}"],
            Lacks = ["Range", "Docker-Upload-UUID"],
        },
        new("A mount of what this repository has is created", "POST /v2/{app}/blobs/uploads/?mount={layer}&from={app}", 201) { Says = ["Docker-Content-Digest: {layer}"] },
        new("A mount without a source finds one", "POST /v2/{app}/blobs/uploads/?mount={base}", 201) { Says = ["Docker-Content-Digest: {base}"] },
        new("A mount without a source of what nobody has begins an upload", "POST /v2/{app}/blobs/uploads/?mount={zeros}", 202) { Says = s_begun },
        new("A mount of what nobody has begins an upload", "POST /v2/{app}/blobs/uploads/?mount={zeros}&from=app", 202) { Says = [.. s_begun, "Docker-Upload-UUID: *"], Lacks = ["Docker-Content-Digest"] },
        new("A mount from a source that does not have it begins an upload", "POST /v2/{app}/blobs/uploads/?mount={layer}&from=base", 202) { Says = s_begun },
        new("A mount from a source that is not there begins an upload", "POST /v2/{app}/blobs/uploads/?mount={layer}&from=none", 202) { Says = s_begun },
        new("A source without a mount begins an upload", "POST /v2/{app}/blobs/uploads/?from=app", 202) { Says = s_begun },
        new("A mount of a malformed digest begins an upload", "POST /v2/{app}/blobs/uploads/?mount=layer&from=app", 202) { Says = s_begun },
        new("A mount from what is no name begins an upload", "POST /v2/{app}/blobs/uploads/?mount={layer}&from=..%2Fapp", 202) { Says = s_begun },
        new("Of two sources the first is mounted from", "POST /v2/{app}/blobs/uploads/?mount={base}&from=base&from=app", 201) { Says = ["Docker-Content-Digest: {base}"] },

        new("The start of uploads has no GET", "GET /v2/app/blobs/uploads/", 405, "UNSUPPORTED"),
        new("The start of uploads takes no PUT", "PUT /v2/app/blobs/uploads/?digest={layer}", 405, "UNSUPPORTED") { Sends = "{layer.bytes}" },
        new("Uploads need a repository", "POST /v2/blobs/uploads/", 404, "NAME_UNKNOWN"),
    ];
}
