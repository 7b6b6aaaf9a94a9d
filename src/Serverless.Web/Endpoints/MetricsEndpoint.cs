using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Endpoints;

/// <summary><c>/metrics</c>, for Prometheus. To those who may not read it, it is a path like any other that does not exist.</summary>
internal sealed class MetricsEndpoint(PrometheusScrape scrape, MetricsAccess access) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) =>
        (route, method) is (RegistryRoute.Metrics, "GET" or "HEAD") ? (http, _) => AnswerAsync(http) : null;

    public bool IsShownTo(HttpContext http) => access == MetricsAccess.Anyone || (access == MetricsAccess.Loopback && http.IsLocal);

    private Task AnswerAsync(HttpContext http)
    {
        http.Response.Headers.CacheControl = "no-store";
        return scrape.AnswerAsync(http);
    }
}
