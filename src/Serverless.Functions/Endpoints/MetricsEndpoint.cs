using System.Text;
using Serverless.Functions.Http;
using Serverless.Functions.Telemetry.Prometheus;

namespace Serverless.Functions.Endpoints;

/// <summary><c>/metrics</c>, for Prometheus. To those who may not read it, it is a path like any other that does not exist.</summary>
internal sealed class MetricsEndpoint(MetricsCollector metrics, MetricsAccess access)
{
    /// <summary>Whether there is such a path for the one who asks.</summary>
    public bool IsFor(HttpContext http) => access == MetricsAccess.Anyone || (access == MetricsAccess.Loopback && http.IsLocal);

    public async Task AnswerAsync(HttpContext http)
    {
        var body = Encoding.UTF8.GetBytes(metrics.Write());
        http.Response.ContentType = PrometheusText.ContentType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.Body.WriteAsync(body, http.RequestAborted);
    }
}
