using Serverless.Registry.Access;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Web.Settings;

namespace Serverless.Web.Http;

/// <summary>
/// Addresses for clients: below the configured public URL, else relative. Never from the Host header or its forwarded kin, which anybody can send.
/// </summary>
/// <param name="publicUrl">The address under which clients know the registry; null: none is configured.</param>
/// <param name="prefix">What every path begins with; empty for none.</param>
/// <param name="platformUrl">Where the platform says that the registry is reached; null when there is no platform.</param>
/// <param name="uploads">Where uploads go on; null: here.</param>
internal sealed class Locations(Uri? publicUrl, string prefix, Uri? platformUrl = null, UploadSettings? uploads = null)
{
    /// <summary>The parameter of upload locations that carries the session.</summary>
    public const string StateParameter = "_state";

    /// <summary>The parameter of upload locations on another host that proves that the upload was begun by somebody who may.</summary>
    public const string CapabilityParameter = "_capability";

    // The prefix of a server of uploads leads to that server, and not to the registry.
    private readonly string _registryPrefix = uploads is { Only: true } ? "" : prefix;
    private readonly string _public = publicUrl?.AbsoluteUri.TrimEnd('/') ?? "";

    private string Root => _public + _registryPrefix;

    /// <summary>What every path begins with; empty for none.</summary>
    public string Prefix => prefix;

    /// <summary>A path without what every path begins with, which those who watch this process know nothing of; null where it does not begin so.</summary>
    public string? WithoutPrefix(string path) =>
        path is "/" or "/healthz" or "/metrics" ? path
        : path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..]
        : null;

    /// <summary>The token service.</summary>
    /// <param name="address">Where the registry is reached if nothing else is known; the realm of a challenge cannot be relative.</param>
    public string Token(string address) => (publicUrl is null ? (platformUrl?.AbsoluteUri.TrimEnd('/') ?? address) + _registryPrefix : Root) + "/token";

    public string Blob(RepositoryName name, Digest digest) => $"{Root}/v2/{name}/blobs/{digest}";

    public string Manifest(RepositoryName name, Digest digest) => $"{Root}/v2/{name}/manifests/{digest}";

    /// <summary>An account.</summary>
    public string Account(AccountName name) => $"{Root}/api/v1/accounts/{Uri.EscapeDataString(name.ToString())}";

    /// <summary>An import's state.</summary>
    public string Import(string id) => $"{Root}/api/v1/imports/{id}";

    /// <summary>The next page of a list, as the value of a Link header (RFC 8288).</summary>
    /// <param name="path">The list.</param>
    /// <param name="parameters">The query of the next page.</param>
    public string NextPage(string path, params (string Name, string Value)[] parameters) =>
        $"<{Root}{path}?{string.Join('&', parameters.Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value)}"))}>; rel=\"next\"";

    /// <summary>Where an upload goes on for somebody who signs in as ever.</summary>
    public string Upload(RepositoryName name, BlobUpload upload) => $"{_public}{uploads?.Path ?? _registryPrefix}{UploadPath(name, upload)}";

    /// <summary>Where an upload goes on at the host of uploads.</summary>
    /// <param name="host">That host.</param>
    /// <param name="name">The repository.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="capability">The only proof there.</param>
    public static string Upload(Uri host, RepositoryName name, BlobUpload upload, string capability) =>
        $"{host.AbsoluteUri.TrimEnd('/')}{UploadPath(name, upload)}&{CapabilityParameter}={capability}";

    private static string UploadPath(RepositoryName name, BlobUpload upload) => $"/v2/{name}/blobs/uploads/{upload.Id:N}?{StateParameter}={upload.State}";
}
