using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints;

/// <summary><c>/</c>, for the Functions host and load balancers, which ask before anything else works and often: no storage, no body.</summary>
internal sealed class ReadyEndpoint : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) is (RegistryRoute.Ready, "GET" or "HEAD") ? static (http, _) => AnswerAsync(http) : null;

    private static Task AnswerAsync(HttpContext http)
    {
        http.Response.ContentLength = 0;
        return Task.CompletedTask;
    }
}
