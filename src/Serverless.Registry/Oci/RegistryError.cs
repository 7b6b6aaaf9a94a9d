namespace Serverless.Registry.Oci;

/// <summary>
/// The ways in which a registry refuses: code, status and message in one table. The codes are those of the OCI distribution specification 1.1.1
/// ("Error codes"), and three more of distribution's that its clients know; several conditions share a code and differ in the status.
/// </summary>
/// <param name="Code">The code that clients read.</param>
/// <param name="Status">The HTTP status that belongs to it.</param>
/// <param name="Message">What is wrong, for a person.</param>
public sealed record RegistryError(string Code, int Status, string Message)
{
    /// <summary>The blob is not in this repository.</summary>
    public static readonly RegistryError BlobUnknown = new("BLOB_UNKNOWN", 404, "blob unknown to registry");

    /// <summary>The request does not fit an upload.</summary>
    public static readonly RegistryError BlobUploadInvalid = new("BLOB_UPLOAD_INVALID", 400, "blob upload invalid");

    /// <summary>A chunk out of order; the session lives on.</summary>
    public static readonly RegistryError ChunkOutOfOrder = new("BLOB_UPLOAD_INVALID", 416, "the chunk does not continue the upload");

    /// <summary>No such upload session, or no longer.</summary>
    public static readonly RegistryError BlobUploadUnknown = new("BLOB_UPLOAD_UNKNOWN", 404, "blob upload unknown to registry");

    /// <summary>The content is not what the request makes a condition.</summary>
    public static readonly RegistryError ConditionFailed = new("UNSUPPORTED", 412, "the content is not what the request makes a condition");

    /// <summary>The requested bytes lie outside the blob.</summary>
    public static readonly RegistryError RangeNotSatisfiable = new("SIZE_INVALID", 416, "the range lies outside the blob");

    /// <summary>The digest is malformed, of an unsupported algorithm, or not that of the content.</summary>
    public static readonly RegistryError DigestInvalid = new("DIGEST_INVALID", 400, "provided digest did not match uploaded content");

    /// <summary>The manifest names content that is not in this repository.</summary>
    public static readonly RegistryError ManifestBlobUnknown = new("MANIFEST_BLOB_UNKNOWN", 400, "manifest references content unknown to the repository");

    /// <summary>The manifest cannot be read or breaks a rule.</summary>
    public static readonly RegistryError ManifestInvalid = new("MANIFEST_INVALID", 400, "manifest invalid");

    /// <summary>The manifest is larger than the registry takes.</summary>
    public static readonly RegistryError ManifestTooLarge = new("MANIFEST_INVALID", 413, "manifest too large");

    /// <summary>What stands where a tag belongs is none. The code is distribution's.</summary>
    public static readonly RegistryError TagInvalid = new("TAG_INVALID", 400, "a tag is 1 to 128 letters, digits, underscores, dots and hyphens, and begins with none of the last two");

    /// <summary>No such manifest or tag in this repository.</summary>
    public static readonly RegistryError ManifestUnknown = new("MANIFEST_UNKNOWN", 404, "manifest unknown to registry");

    /// <summary>The repository name breaks the grammar.</summary>
    public static readonly RegistryError NameInvalid = new("NAME_INVALID", 400, "invalid repository name");

    /// <summary>No such repository.</summary>
    public static readonly RegistryError NameUnknown = new("NAME_UNKNOWN", 404, "repository name not known to registry");

    /// <summary>The length sent is not the length announced.</summary>
    public static readonly RegistryError SizeInvalid = new("SIZE_INVALID", 400, "provided length did not match content length");

    /// <summary>Credentials are needed.</summary>
    public static readonly RegistryError Unauthorized = new("UNAUTHORIZED", 401, "authentication required");

    /// <summary>The caller lacks the right.</summary>
    public static readonly RegistryError Denied = new("DENIED", 403, "requested access to the resource is denied");

    /// <summary>The request is for a host that this registry is not.</summary>
    public static readonly RegistryError Misdirected = new("DENIED", 421, "this registry does not answer by that name");

    /// <summary>The registry does not do this, or not now.</summary>
    public static readonly RegistryError Unsupported = new("UNSUPPORTED", 405, "the operation is unsupported");

    /// <summary>The number of entries in a page is none. The code is distribution's.</summary>
    public static readonly RegistryError PageSizeInvalid = new("PAGINATION_NUMBER_INVALID", 400, "'n' must be a whole number");

    /// <summary>A list was asked for in a way that cannot be read.</summary>
    public static readonly RegistryError PageInvalid = new("UNSUPPORTED", 400, "the page cannot be read");

    /// <summary>A request for a token that cannot be read.</summary>
    public static readonly RegistryError TokenRequestInvalid = new("UNSUPPORTED", 400, "the request for a token cannot be read");

    /// <summary>The caller asks for more than its share.</summary>
    public static readonly RegistryError TooManyRequests = new("TOOMANYREQUESTS", 429, "too many requests");

    /// <summary>The body comes so slowly that it keeps memory from others; an upload session goes on behind what was kept.</summary>
    public static readonly RegistryError SenderTooSlow = new("TOOMANYREQUESTS", 429, "the body comes too slowly while others wait, go on later");

    /// <summary>The registry that is mirrored does not answer; the same request may be sent again. The code is distribution's.</summary>
    public static readonly RegistryError SourceUnavailable = new("UNAVAILABLE", 503, "the registry that is mirrored is not available for now, try again");

    /// <summary>The registry that is mirrored answers with something that cannot be used. The code is distribution's.</summary>
    public static readonly RegistryError SourceWrong = new("UNAVAILABLE", 502, "the registry that is mirrored answers with something else");

    /// <summary>Storage does not answer or asks for a pause; the same request may be sent again. The code is distribution's.</summary>
    public static readonly RegistryError StorageUnavailable = new("UNAVAILABLE", 503, "the registry's storage is not available for now, try again");
}
