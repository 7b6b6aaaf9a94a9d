using Serverless.Registry.Oci;

namespace Serverless.Web.Routing;

/// <summary>What a path names (OCI distribution specification 1.1.1, "Endpoints"). A closed family.</summary>
internal abstract record RegistryRoute
{
    private RegistryRoute()
    {
    }

    /// <summary><c>/</c>: whether this process answers at all.</summary>
    public sealed record Ready : RegistryRoute;

    /// <summary><c>/healthz</c>: whether the registry can do its work.</summary>
    public sealed record Health : RegistryRoute;

    /// <summary><c>/metrics</c>, where there is such a path</summary>
    public sealed record Metrics : RegistryRoute;

    /// <summary><c>/token</c>, and <c>/oauth2/token</c> as with Azure Container Registry</summary>
    public sealed record Token : RegistryRoute;

    /// <summary><c>/oauth2/exchange</c>, as with Azure Container Registry</summary>
    public sealed record TokenExchange : RegistryRoute;

    /// <summary><c>/.well-known/jwks.json</c></summary>
    public sealed record SigningKeys : RegistryRoute;

    /// <summary><c>/api/v1/openapi.json</c></summary>
    public sealed record ApiDocument : RegistryRoute;

    /// <summary><c>/api/v1/imports</c></summary>
    public sealed record Imports : RegistryRoute;

    /// <summary><c>/api/v1/imports/ID</c></summary>
    public sealed record Import(string Id) : RegistryRoute;

    /// <summary><c>/v2/</c></summary>
    public sealed record Ping : RegistryRoute;

    /// <summary><c>/v2/_catalog</c></summary>
    public sealed record Catalog : RegistryRoute;

    /// <summary><c>/v2/NAME/tags/list</c></summary>
    public sealed record Tags(RepositoryName Name) : RegistryRoute;

    /// <summary><c>/v2/NAME/referrers/DIGEST</c></summary>
    public sealed record Referrers(RepositoryName Name, string Digest) : RegistryRoute;

    /// <summary><c>/v2/NAME/manifests/REFERENCE</c></summary>
    public sealed record Manifest(RepositoryName Name, string Reference) : RegistryRoute;

    /// <summary><c>/v2/NAME/blobs/DIGEST</c></summary>
    public sealed record Blob(RepositoryName Name, string Digest) : RegistryRoute;

    /// <summary><c>/v2/NAME/blobs/uploads/</c></summary>
    public sealed record Uploads(RepositoryName Name) : RegistryRoute;

    /// <summary><c>/v2/NAME/blobs/uploads/ID</c></summary>
    public sealed record Upload(RepositoryName Name, string Id) : RegistryRoute;
}
