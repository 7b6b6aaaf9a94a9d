using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary>Whether there is a registry.</summary>
internal sealed class PingEndpoints : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Ready, "GET" or "HEAD") => static (http, _) => ReadyAsync(http),
        (RegistryRoute.Ping, "GET" or "HEAD") => static (http, _) => PingAsync(http),
        _ => null,
    };

    /// <summary>For the Functions host and load balancers, which ask before anything else works and often: no storage, no body.</summary>
    private static Task ReadyAsync(HttpContext http)
    {
        http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }

    /// <summary>For clients, which ask for the version of the protocol.</summary>
    private static Task PingAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = 2;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync("{}"u8.ToArray()).AsTask();
    }
}
