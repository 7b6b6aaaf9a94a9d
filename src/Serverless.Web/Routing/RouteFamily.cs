using Serverless.Registry.Oci;

namespace Serverless.Web.Routing;

/// <summary>What routes have in common, for those who count and log them.</summary>
internal static class RouteFamily
{
    /// <summary>The path with names for what differs.</summary>
    public static string Of(RegistryRoute route) => route switch
    {
        RegistryRoute.Ready => "/",
        RegistryRoute.Health => "/healthz",
        RegistryRoute.Metrics => "/metrics",
        RegistryRoute.Token => "/token",
        RegistryRoute.TokenExchange => "/oauth2/exchange",
        RegistryRoute.SigningKeys => "/.well-known/jwks.json",
        RegistryRoute.ApiDocument => "/api/v1/openapi.json",
        RegistryRoute.Imports => "/api/v1/imports",
        RegistryRoute.Import => "/api/v1/imports/{id}",
        RegistryRoute.Accounts => "/api/v1/accounts",
        RegistryRoute.Account => "/api/v1/accounts/{account}",
        RegistryRoute.AccountPassword => "/api/v1/accounts/{account}/password",
        RegistryRoute.ScopeMaps => "/api/v1/scope-maps",
        RegistryRoute.ScopeMap => "/api/v1/scope-maps/{map}",
        RegistryRoute.Audit => "/api/v1/audit",
        RegistryRoute.Usage => "/api/v1/usage",
        RegistryRoute.Quotas => "/api/v1/quotas",
        RegistryRoute.QuotaOf => "/api/v1/quotas/{pattern}",
        RegistryRoute.Events => "/api/v1/events",
        RegistryRoute.EventOf => "/api/v1/events/{endpoint}/{event}",
        RegistryRoute.Repositories => "/api/v1/repositories",
        RegistryRoute.RepositoryInfo => "/api/v1/repositories/{name}",
        RegistryRoute.TagInfos => "/api/v1/repositories/{name}/_tags",
        RegistryRoute.TagInfo => "/api/v1/repositories/{name}/_tags/{tag}",
        RegistryRoute.TagMoves => "/api/v1/repositories/{name}/_tags/{tag}/history",
        RegistryRoute.ManifestInfo => "/api/v1/repositories/{name}/_manifests/{reference}",
        RegistryRoute.ReferrerTree => "/api/v1/repositories/{name}/_manifests/{digest}/referrers",
        RegistryRoute.DeletedItems => "/api/v1/repositories/{name}/_deleted",
        RegistryRoute.DeletedItem => "/api/v1/repositories/{name}/_deleted/{reference}",
        RegistryRoute.Page => "/ui/{file}",
        RegistryRoute.Ping => "/v2/",
        RegistryRoute.Catalog => "/v2/_catalog",
        RegistryRoute.Tags => "/v2/{name}/tags/list",
        RegistryRoute.Referrers => "/v2/{name}/referrers/{digest}",
        RegistryRoute.Manifest => "/v2/{name}/manifests/{reference}",
        RegistryRoute.Blob => "/v2/{name}/blobs/{digest}",
        RegistryRoute.Uploads => "/v2/{name}/blobs/uploads/",
        RegistryRoute.Upload => "/v2/{name}/blobs/uploads/{id}",
        _ => throw new ArgumentOutOfRangeException(nameof(route), route, "A route without a family."),
    };

    /// <summary>The repository; null when the route is of none.</summary>
    public static RepositoryName? Repository(RegistryRoute? route) => (route as RegistryRoute.InRepository)?.Name;

    /// <summary>The same of another repository.</summary>
    public static RegistryRoute WithRepository(RegistryRoute route, RepositoryName name) =>
        route is RegistryRoute.InRepository r ? r with { Name = name } : throw new ArgumentException("A route without a repository.", nameof(route));

    /// <summary>Whether the bodies of its requests are layers, which have any size.</summary>
    public static bool TakesLayers(RegistryRoute route) => route is RegistryRoute.Uploads or RegistryRoute.Upload;

    /// <summary>Whether its answers are those of the API for operators, and not of the registry protocol.</summary>
    public static bool IsApi(RegistryRoute route) => RouteParser.IsApi(Of(route));

    /// <summary>Whether it is for those who look after the registry.</summary>
    public static bool IsAdministration(RegistryRoute route) =>
        route is RegistryRoute.Accounts or RegistryRoute.Account or RegistryRoute.AccountPassword or RegistryRoute.ScopeMaps or RegistryRoute.ScopeMap or RegistryRoute.Audit
            or RegistryRoute.Quotas or RegistryRoute.QuotaOf or RegistryRoute.Events or RegistryRoute.EventOf;

    /// <summary>Whether a GET of it takes something of what is stored: content or a list.</summary>
    public static bool IsPulled(RegistryRoute route) => route is RegistryRoute.Catalog or RegistryRoute.Repositories or RegistryRoute.Usage || (route is RegistryRoute.InRepository && !TakesLayers(route));

    /// <summary>Whether it is asked by machines all day, and nobody wants to read of it.</summary>
    public static bool IsProbe(RegistryRoute? route) => route is RegistryRoute.Ready or RegistryRoute.Health or RegistryRoute.Metrics;
}
