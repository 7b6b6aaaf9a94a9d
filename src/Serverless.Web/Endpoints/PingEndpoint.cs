using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary><c>/v2/</c>, for clients, which ask for the version of the protocol.</summary>
internal sealed class PingEndpoint : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) is (RegistryRoute.Ping, "GET" or "HEAD") ? static (http, _) => AnswerAsync(http) : null;

    private static Task AnswerAsync(HttpContext http)
    {
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = 2;
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync("{}"u8.ToArray()).AsTask();
    }
}
