using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;

namespace Serverless.Functions.Http;

/// <summary>
/// Addresses for clients: below the configured public URL, else relative. Never from the Host header or its forwarded kin, which anybody can send.
/// </summary>
internal sealed class Locations(Uri? publicUrl, string prefix)
{
    private readonly string _root = (publicUrl?.AbsoluteUri.TrimEnd('/') ?? "") + prefix;

    /// <summary>Where the platform says that the registry is reached; null when there is no platform.</summary>
    public Uri? PlatformUrl { get; init; }

    /// <summary>The token service.</summary>
    /// <param name="address">Where the registry is reached if nothing else is known; the realm of a challenge cannot be relative.</param>
    public string Token(string address) => (publicUrl is null ? (PlatformUrl?.AbsoluteUri.TrimEnd('/') ?? address) + prefix : _root) + "/token";

    public string Blob(RepositoryName name, Digest digest) => $"{_root}/v2/{name}/blobs/{digest}";

    public string Manifest(RepositoryName name, Digest digest) => $"{_root}/v2/{name}/manifests/{digest}";

    /// <summary>The next page of a list, as the value of a Link header (RFC 8288).</summary>
    /// <param name="path">The list.</param>
    /// <param name="parameters">The query of the next page.</param>
    public string NextPage(string path, params (string Name, string Value)[] parameters) =>
        $"<{_root}{path}?{string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"))}>; rel=\"next\"";

    public string Upload(RepositoryName name, BlobUpload upload) => $"{_root}/v2/{name}/blobs/uploads/{upload.Id:N}?{Endpoints.UploadEndpoints.StateParameter}={upload.State}";
}
