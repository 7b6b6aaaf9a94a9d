using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;

namespace Serverless.Functions.Http;

/// <summary>
/// Addresses for clients: below the configured public URL, else relative. Never from the Host header or its forwarded kin, which anybody can send.
/// </summary>
internal sealed class Locations(Uri? publicUrl)
{
    private readonly string _root = publicUrl?.AbsoluteUri.TrimEnd('/') ?? "";

    public string Blob(RepositoryName name, Digest digest) => $"{_root}/v2/{name}/blobs/{digest}";

    public string Manifest(RepositoryName name, Digest digest) => $"{_root}/v2/{name}/manifests/{digest}";

    public string Upload(RepositoryName name, BlobUpload upload) => $"{_root}/v2/{name}/blobs/uploads/{upload.Id:N}?{Endpoints.UploadEndpoints.StateParameter}={upload.State}";
}
