namespace Serverless.Functions;

/// <summary>
/// The routes of the functions. The host takes the first function by name whose route fits, so no two may fit one path. A path is told by its last segments, as the registry
/// itself tells it. Every function takes every method: what does not fit is the registry's to refuse, in the protocol's terms.
/// </summary>
internal static class Routes
{
    public const string Ping = "v2";
    public const string Catalog = "v2/_catalog";
    public const string Tags = Below + "^.+" + TagsEnd + "$)}";
    public const string Manifests = Below + "^.+" + ManifestsEnd + "$)}";
    public const string Referrers = Below + "^.+" + ReferrersEnd + "$)}";
    public const string Blobs = Below + "^.+" + BlobsEnd + "$)}";
    public const string UploadStart = Below + "^.+" + UploadStartEnd + "$)}";
    public const string Uploads = Below + "^.+" + UploadsEnd + "$)}";

    /// <summary>Everything else below v2, so that a client gets an answer in the protocol's terms and not the host's empty one.</summary>
    public const string NoEndpoint =
        Below + "^(?!$|_catalog/?$|.+(" + TagsEnd + "|" + ManifestsEnd + "|" + ReferrersEnd + "|" + BlobsEnd + "|" + UploadStartEnd + "|" + UploadsEnd + ")$))}";

    public const string Token = "token";
    public const string OAuth2Token = "oauth2/token";
    public const string OAuth2Exchange = "oauth2/exchange";
    public const string SigningKeys = ".well-known/jwks.json";
    public const string Health = "healthz";

    public const string Api = "api/v1/{*path}";

    public const string Page = "ui/{*path}";

    private const string Below = "v2/{*path:regex(";
    private const string TagsEnd = "/tags/list";
    private const string ManifestsEnd = "/manifests/[^/]+";
    private const string ReferrersEnd = "/referrers/[^/]+";

    // Not blobs/uploads, which has no slash at its end in some clients; no digest ends with an s.
    private const string BlobsEnd = "/blobs/[^/]*[^/s]";
    private const string UploadStartEnd = "/blobs/uploads/?";
    private const string UploadsEnd = "/blobs/uploads/[^/]+";
}
