namespace Serverless.Testing.Rules;

/// <summary><c>DELETE</c> of manifests, tags and blobs, and where it is switched off.</summary>
internal static class DeleteRules
{
    private static readonly string[] s_off = ["Delete:Enabled=false"];

    public static IReadOnlyList<Rule> All { get; } =
    [
        new("A tag is deleted", "DELETE /v2/{app}/manifests/v1", 202) { Says = ["Content-Length: 0"], Body = "" },
        new("A manifest is deleted by its digest", "DELETE /v2/{app}/manifests/{image}", 202) { Says = ["Content-Length: 0"], Body = "" },
        new("An index is deleted by its digest", "DELETE /v2/{app}/manifests/{index}", 202),
        new("A referrer is deleted by its digest", "DELETE /v2/{app}/manifests/{sbom}", 202),
        new("A blob is deleted", "DELETE /v2/{app}/blobs/{spare}", 202) { Says = ["Content-Length: 0"], Body = "" },
        new("The blob of no bytes is deleted", "DELETE /v2/{app}/blobs/{empty}", 202),

        new("A tag that is not there cannot be deleted", "DELETE /v2/app/manifests/none", 404, "MANIFEST_UNKNOWN"),
        new("A manifest that is not there cannot be deleted", "DELETE /v2/app/manifests/{zeros}", 404, "MANIFEST_UNKNOWN"),
        new("A manifest of another repository cannot be deleted", "DELETE /v2/base/manifests/{image}", 404, "MANIFEST_UNKNOWN"),
        new("A blob that is not there cannot be deleted", "DELETE /v2/app/blobs/{zeros}", 404, "BLOB_UNKNOWN"),
        new("A blob of another repository cannot be deleted", "DELETE /v2/base/blobs/{spare}", 404, "BLOB_UNKNOWN"),
        new("A blob cannot be deleted as a manifest", "DELETE /v2/app/manifests/{spare}", 404, "MANIFEST_UNKNOWN"),
        new("A manifest cannot be deleted as a blob", "DELETE /v2/app/blobs/{image}", 404, "BLOB_UNKNOWN"),
        new("What can be no tag cannot be deleted", "DELETE /v2/app/manifests/.v1", 404, "MANIFEST_UNKNOWN"),
        new("A malformed digest of a manifest cannot be deleted", "DELETE /v2/app/manifests/sha256:00", 400, "DIGEST_INVALID"),
        new("A malformed digest of a blob cannot be deleted", "DELETE /v2/app/blobs/spare", 400, "DIGEST_INVALID"),
        new("A repository cannot be deleted", "DELETE /v2/app/", 404, "NAME_UNKNOWN"),

        new("With deleting off a tag stays", "DELETE /v2/app/manifests/v1", 405, "UNSUPPORTED") { Under = s_off },
        new("With deleting off a manifest stays", "DELETE /v2/app/manifests/{image}", 405, "UNSUPPORTED") { Under = s_off },
        new("With deleting off a blob stays", "DELETE /v2/app/blobs/{spare}", 405, "UNSUPPORTED") { Under = s_off },
        new("With deleting off even what is not there is unsupported", "DELETE /v2/app/manifests/none", 405, "UNSUPPORTED") { Under = s_off },
        new("With deleting off a tag may be written in other ways and stays", "DELETE /v2/app/manifests/%76%31", 405, "UNSUPPORTED") { Under = s_off },
        new("With deleting off an upload can still be cancelled", "DELETE {upload}", 204) { Under = s_off },
        new("With deleting off a tag can still be moved", "PUT /v2/{app}/manifests/v1", 201) { Under = s_off, Sends = "{index.bytes}" },
        new("A tag is not deleted that points elsewhere", "DELETE /v2/{app}/manifests/v1", 412, "UNSUPPORTED") { With = ["If-Match: \"{zeros}\""] },
        new("A tag is deleted that points where it must", "DELETE /v2/{app}/manifests/v1", 202) { With = ["If-Match: \"{image}\""] },
        new("A blob is not deleted that must be another", "DELETE /v2/{app}/blobs/{spare}", 412, "UNSUPPORTED") { With = ["If-Match: \"{zeros}\""] },
    ];
}
