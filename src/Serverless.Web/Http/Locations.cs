using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;

namespace Serverless.Web.Http;

/// <summary>
/// Addresses for clients: below the configured public URL, else relative. Never from the Host header or its forwarded kin, which anybody can send.
/// </summary>
/// <param name="publicUrl">The address under which clients know the registry; null: none is configured.</param>
/// <param name="prefix">What every path begins with; empty for none.</param>
/// <param name="platformUrl">Where the platform says that the registry is reached; null when there is no platform.</param>
internal sealed class Locations(Uri? publicUrl, string prefix, Uri? platformUrl = null)
{
    /// <summary>The parameter of upload locations that carries the session.</summary>
    public const string StateParameter = "_state";

    private readonly string _root = (publicUrl?.AbsoluteUri.TrimEnd('/') ?? "") + prefix;

    /// <summary>What every path begins with; empty for none.</summary>
    public string Prefix => prefix;

    /// <summary>The token service.</summary>
    /// <param name="address">Where the registry is reached if nothing else is known; the realm of a challenge cannot be relative.</param>
    public string Token(string address) => (publicUrl is null ? (platformUrl?.AbsoluteUri.TrimEnd('/') ?? address) + prefix : _root) + "/token";

    public string Blob(RepositoryName name, Digest digest) => $"{_root}/v2/{name}/blobs/{digest}";

    public string Manifest(RepositoryName name, Digest digest) => $"{_root}/v2/{name}/manifests/{digest}";

    /// <summary>The next page of a list, as the value of a Link header (RFC 8288).</summary>
    /// <param name="path">The list.</param>
    /// <param name="parameters">The query of the next page.</param>
    public string NextPage(string path, params (string Name, string Value)[] parameters) =>
        $"<{_root}{path}?{string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"))}>; rel=\"next\"";

    public string Upload(RepositoryName name, BlobUpload upload) => $"{_root}/v2/{name}/blobs/uploads/{upload.Id:N}?{StateParameter}={upload.State}";
}
