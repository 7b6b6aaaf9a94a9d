using Serverless.Registry.Oci;

namespace Serverless.Testing.Rules;

/// <summary><c>GET</c> and <c>HEAD /v2/NAME/manifests/REFERENCE</c></summary>
internal static class ManifestReadRules
{
    private static readonly string[] s_image =
        ["Content-Type: " + MediaTypes.OciManifest, "Content-Length: {image.size}", "Docker-Content-Digest: {image}", "ETag: \"{image}\""];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("GET by tag has the bytes as they were pushed", "GET /v2/app/manifests/v1", 200) { Says = s_image, Body = "{image.bytes}" },
        new("GET by another tag of the same manifest has the same", "GET /v2/app/manifests/v2", 200) { Says = s_image, Body = "{image.bytes}" },
        new("GET by digest has the bytes as they were pushed", "GET /v2/app/manifests/{image}", 200) { Says = s_image, Body = "{image.bytes}" },
        new("HEAD by tag has the headers of GET", "HEAD /v2/app/manifests/v1", 200) { Says = s_image },
        new("HEAD by digest has the headers of GET", "HEAD /v2/app/manifests/{image}", 200) { Says = s_image },
        new("An index comes as an index", "GET /v2/app/manifests/multi", 200)
        {
            Says = ["Content-Type: " + MediaTypes.OciIndex, "Docker-Content-Digest: {index}"],
            Body = "{index.bytes}",
        },
        new("A Docker manifest comes as one, blanks and all", "GET /v2/app/manifests/docker", 200)
        {
            Says = ["Content-Type: " + MediaTypes.DockerManifest, "Docker-Content-Digest: {docker}"],
            Body = "{docker.bytes}",
        },
        new("What the client would rather accept changes nothing", "GET /v2/app/manifests/v1", 200)
        {
            With = ["Accept: " + MediaTypes.DockerManifestList, "Accept-Encoding: gzip"],
            Says = s_image,
            Lacks = ["Content-Encoding"],
            Body = "{image.bytes}",
        },
        new("A range of a manifest is the whole manifest", "GET /v2/app/manifests/v1", 200) { With = ["Range: bytes=0-1"], Says = s_image, Body = "{image.bytes}" },
        new("The colon of a digest may be encoded", "GET /v2/app/manifests/sha256%3A{image.hex}", 200) { Says = s_image },
        new("A letter of a tag may be encoded", "GET /v2/app/manifests/%76%31", 200) { Says = s_image },

        new("A client that has the manifest gets no second copy", "GET /v2/app/manifests/v1", 304)
        {
            With = ["If-None-Match: \"{image}\""],
            Says = ["ETag: \"{image}\"", "Docker-Content-Digest: {image}"],
            Body = "",
        },
        new("HEAD by a client that has the manifest says so", "HEAD /v2/app/manifests/{image}", 304) { With = ["If-None-Match: \"{image}\""] },
        new("A client that has one of several is told so", "GET /v2/app/manifests/v1", 304) { With = ["If-None-Match: \"{index}\", \"{image}\""], Body = "" },
        new("A weak ETag is as good", "GET /v2/app/manifests/v1", 304) { With = ["If-None-Match: W/\"{image}\""], Body = "" },
        new("A client that has anything gets no copy", "GET /v2/app/manifests/v1", 304) { With = ["If-None-Match: *"], Body = "" },
        new("A client that has another manifest gets this one", "GET /v2/app/manifests/v1", 200) { With = ["If-None-Match: \"{index}\""], Body = "{image.bytes}" },
        new("A client that has what is not there is told that it is not there", "GET /v2/app/manifests/none", 404, "MANIFEST_UNKNOWN") { With = ["If-None-Match: *"] },

        new("A tag that is not there is unknown", "GET /v2/app/manifests/none", 404, "MANIFEST_UNKNOWN"),
        new("HEAD of a tag that is not there has no body", "HEAD /v2/app/manifests/none", 404) { Lacks = ["ETag", "Docker-Content-Digest"] },
        new("A digest that is not there is unknown", "GET /v2/app/manifests/{zeros}", 404, "MANIFEST_UNKNOWN"),
        new("A tag in a repository that is not there is unknown", "GET /v2/none/manifests/v1", 404, "MANIFEST_UNKNOWN"),
        new("A digest of another repository is unknown", "GET /v2/base/manifests/{image}", 404, "MANIFEST_UNKNOWN"),
        new("A blob is no manifest", "GET /v2/app/manifests/{layer}", 404, "MANIFEST_UNKNOWN"),
        new("A manifest under another algorithm's digest is unknown", "GET /v2/app/manifests/{sha512 x}", 404, "MANIFEST_UNKNOWN"),
        new("A tag in other letters is another tag", "GET /v2/app/manifests/V1", 404, "MANIFEST_UNKNOWN"),
        new("What can be no tag is unknown", "GET /v2/app/manifests/.v1", 404, "MANIFEST_UNKNOWN"),
        new("A tag that is too long is unknown", "GET /v2/app/manifests/{long 129}", 404, "MANIFEST_UNKNOWN"),
        new("A tag with a line feed at its end is unknown", "GET /v2/app/manifests/v1%0A", 404, "MANIFEST_UNKNOWN"),
        new("A tag in look-alike letters is unknown", "GET /v2/app/manifests/%EF%BD%961", 404, "MANIFEST_UNKNOWN"),

        new("A digest that is too short is invalid", "GET /v2/app/manifests/sha256:00", 400, "DIGEST_INVALID"),
        new("A digest in upper case is invalid", "GET /v2/app/manifests/SHA256:{image.hex}", 400, "DIGEST_INVALID"),
        new("A digest of an unknown algorithm is invalid", "GET /v2/app/manifests/md5:d41d8cd98f00b204e9800998ecf8427e", 400, "DIGEST_INVALID"),
        new("A tag with a colon is taken for a digest and invalid", "GET /v2/app/manifests/v1:x", 400, "DIGEST_INVALID"),
        new("HEAD of a digest that is invalid has no body", "HEAD /v2/app/manifests/sha256:00", 400),
        new("A name that is no name has no manifests", "GET /v2/-app/manifests/v1", 400, "NAME_INVALID"),
        new("A manifest takes no POST", "POST /v2/app/manifests/v1", 405, "UNSUPPORTED"),
        new("A manifest takes no PATCH", "PATCH /v2/app/manifests/v1", 405, "UNSUPPORTED") { Sends = "" },
    ];
}
