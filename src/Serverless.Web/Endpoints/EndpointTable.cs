using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary>Which endpoint answers which route and method.</summary>
internal sealed class EndpointTable(IEnumerable<IEndpoints> families)
{
    private static readonly string[] s_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

    private readonly IEndpoints[] _families = [.. families];

    /// <summary>The endpoint of the request's method; null when the route does not know it.</summary>
    public Endpoint? Find(HttpContext http, RegistryRoute route) => Find(http, route, http.Request.Method);

    /// <summary>The methods that a route knows (RFC 9110, "Allow"); empty when there is no such route for the one who asks, as in a registry without a token service.</summary>
    public string Methods(HttpContext http, RegistryRoute route) => string.Join(", ", s_methods.Where(m => Find(http, route, m) is not null));

    private Endpoint? Find(HttpContext http, RegistryRoute route, string method)
    {
        foreach (var family in _families)
        {
            if (family.Find(route, method) is { } endpoint) return family.IsShownTo(http) ? endpoint : null;
        }

        return null;
    }
}
