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
    public static RepositoryName? Repository(RegistryRoute? route) => route switch
    {
        RegistryRoute.Tags r => r.Name,
        RegistryRoute.Referrers r => r.Name,
        RegistryRoute.Manifest r => r.Name,
        RegistryRoute.Blob r => r.Name,
        RegistryRoute.Uploads r => r.Name,
        RegistryRoute.Upload r => r.Name,
        _ => null,
    };

    /// <summary>The same of another repository.</summary>
    public static RegistryRoute WithRepository(RegistryRoute route, RepositoryName name) => route switch
    {
        RegistryRoute.Tags r => r with { Name = name },
        RegistryRoute.Referrers r => r with { Name = name },
        RegistryRoute.Manifest r => r with { Name = name },
        RegistryRoute.Blob r => r with { Name = name },
        RegistryRoute.Uploads r => r with { Name = name },
        RegistryRoute.Upload r => r with { Name = name },
        _ => throw new ArgumentException("A route without a repository.", nameof(route)),
    };

    /// <summary>Whether the bodies of its requests are layers, which have any size.</summary>
    public static bool TakesLayers(RegistryRoute route) => route is RegistryRoute.Uploads or RegistryRoute.Upload;

    /// <summary>Whether its answers are those of the API for operators, and not of the registry protocol.</summary>
    public static bool IsApi(RegistryRoute route) => route is RegistryRoute.ApiDocument or RegistryRoute.Imports or RegistryRoute.Import;

    /// <summary>Whether a GET of it takes something of what is stored: content or a list.</summary>
    public static bool IsPulled(RegistryRoute route) => route is RegistryRoute.Manifest or RegistryRoute.Blob or RegistryRoute.Tags or RegistryRoute.Referrers or RegistryRoute.Catalog;

    /// <summary>Whether it is asked by machines all day, and nobody wants to read of it.</summary>
    public static bool IsProbe(RegistryRoute? route) => route is RegistryRoute.Ready or RegistryRoute.Health or RegistryRoute.Metrics;
}
