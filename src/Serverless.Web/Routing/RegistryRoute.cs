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

    /// <summary><c>/api/v1/accounts</c></summary>
    public sealed record Accounts : RegistryRoute;

    /// <summary><c>/api/v1/accounts/NAME</c></summary>
    public sealed record Account(string Id) : RegistryRoute;

    /// <summary><c>/api/v1/accounts/NAME/password</c></summary>
    public sealed record AccountPassword(string Id) : RegistryRoute;

    /// <summary><c>/api/v1/scope-maps</c></summary>
    public sealed record ScopeMaps : RegistryRoute;

    /// <summary><c>/api/v1/scope-maps/NAME</c></summary>
    public sealed record ScopeMap(string Id) : RegistryRoute;

    /// <summary><c>/api/v1/audit</c></summary>
    public sealed record Audit : RegistryRoute;

    /// <summary><c>/api/v1/usage</c></summary>
    public sealed record Usage : RegistryRoute;

    /// <summary><c>/api/v1/quotas</c></summary>
    public sealed record Quotas : RegistryRoute;

    /// <summary><c>/api/v1/quotas/PATTERN</c></summary>
    public sealed record QuotaOf(string Pattern) : RegistryRoute;

    /// <summary><c>/api/v1/events</c></summary>
    public sealed record Events : RegistryRoute;

    /// <summary><c>/api/v1/events/ENDPOINT/ID</c></summary>
    public sealed record EventOf(string Endpoint, string Id) : RegistryRoute;

    /// <summary><c>/api/v1/repositories</c></summary>
    public sealed record Repositories : RegistryRoute;

    /// <summary>Something of one repository.</summary>
    public abstract record InRepository(RepositoryName Name) : RegistryRoute;

    /// <summary><c>/api/v1/repositories/NAME</c></summary>
    public sealed record RepositoryInfo(RepositoryName Name) : InRepository(Name);

    /// <summary><c>/api/v1/repositories/NAME/_tags</c></summary>
    public sealed record TagInfos(RepositoryName Name) : InRepository(Name);

    /// <summary><c>/api/v1/repositories/NAME/_tags/TAG</c></summary>
    public sealed record TagInfo(RepositoryName Name, string Tag) : InRepository(Name);

    /// <summary><c>/api/v1/repositories/NAME/_tags/TAG/history</c></summary>
    public sealed record TagMoves(RepositoryName Name, string Tag) : InRepository(Name);

    /// <summary><c>/api/v1/repositories/NAME/_manifests/REFERENCE</c></summary>
    public sealed record ManifestInfo(RepositoryName Name, string Reference) : InRepository(Name);

    /// <summary><c>/api/v1/repositories/NAME/_manifests/DIGEST/referrers</c></summary>
    public sealed record ReferrerTree(RepositoryName Name, string Digest) : InRepository(Name);

    /// <summary><c>/api/v1/repositories/NAME/_deleted</c></summary>
    public sealed record DeletedItems(RepositoryName Name) : InRepository(Name);

    /// <summary><c>/api/v1/repositories/NAME/_deleted/REFERENCE</c></summary>
    public sealed record DeletedItem(RepositoryName Name, string Reference) : InRepository(Name);

    /// <summary><c>/ui/FILE</c></summary>
    /// <param name="File">The file; empty for the page itself, null for <c>/ui</c>.</param>
    public sealed record Page(string? File) : RegistryRoute;

    /// <summary><c>/v2/</c></summary>
    public sealed record Ping : RegistryRoute;

    /// <summary><c>/v2/_catalog</c></summary>
    public sealed record Catalog : RegistryRoute;

    /// <summary><c>/v2/NAME/tags/list</c></summary>
    public sealed record Tags(RepositoryName Name) : InRepository(Name);

    /// <summary><c>/v2/NAME/referrers/DIGEST</c></summary>
    public sealed record Referrers(RepositoryName Name, string Digest) : InRepository(Name);

    /// <summary><c>/v2/NAME/manifests/REFERENCE</c></summary>
    public sealed record Manifest(RepositoryName Name, string Reference) : InRepository(Name);

    /// <summary><c>/v2/NAME/blobs/DIGEST</c></summary>
    public sealed record Blob(RepositoryName Name, string Digest) : InRepository(Name);

    /// <summary><c>/v2/NAME/blobs/uploads/</c></summary>
    public sealed record Uploads(RepositoryName Name) : InRepository(Name);

    /// <summary><c>/v2/NAME/blobs/uploads/ID</c></summary>
    public sealed record Upload(RepositoryName Name, string Id) : InRepository(Name);
}
