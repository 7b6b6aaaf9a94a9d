using Serverless.Registry;
using Serverless.Registry.Oci;
using Serverless.Web.Endpoints;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>From the path to the endpoint, past the gate that decides on access.</summary>
internal sealed class RequestRouter(Locations locations, Admission admission, ContainerRegistry registry, EndpointTable endpoints, RequestLimits limits)
{
    public async Task AnswerAsync(HttpContext http)
    {
        if (locations.WithoutPrefix(RequestTarget.Path(http)) is not { } path || RouteParser.Parse(path) is not { } asked) throw RouteParser.NoEndpoint();
        RequestRecord.Of(http).Route = asked;
        if (!RouteFamily.IsProbe(asked) && !RouteFamily.IsApi(asked) && asked is not RegistryRoute.Page) http.Response.Headers["Docker-Distribution-API-Version"] = "registry/2.0";
        var (route, caller) = await admission.AdmitAsync(http, asked);
        if (endpoints.Find(http, route) is not { } endpoint) throw Refuse(http, route);
        // Only now, when it is known who sends it: layers have any size and take any time, everything else keeps to the server's own limits and one more.
        if (RouteFamily.TakesLayers(route)) RequestLimits.LiftForLayer(http);
        else limits.LimitBody(http);
        if (IsWrite(route, http.Request.Method)) await WriteAsync(http, route, () => endpoint(http, caller));
        else await endpoint(http, caller);
    }

    private async Task WriteAsync(HttpContext http, RegistryRoute route, Func<Task> answer)
    {
        using var deadline = limits.LimitRequest(http);
        var isDelete = IsDelete(route, http.Request.Method);
        await registry.DemandWritableAsync(isDelete, http.RequestAborted);
        if (!isDelete && RouteFamily.Repository(route) is { } repository) registry.DemandNoMirror(repository);
        await answer();
    }

    private RegistryException Refuse(HttpContext http, RegistryRoute route)
    {
        if (endpoints.Methods(http, route) is not { Length: > 0 } methods) return RouteParser.NoEndpoint();
        http.Response.Headers.Allow = methods;
        return new RegistryException(RegistryError.Unsupported);
    }

    // Whoever wants to read must be able to sign in.
    private static bool IsWrite(RegistryRoute route, string method) =>
        method is "POST" or "PUT" or "PATCH" or "DELETE" && route is not (RegistryRoute.Token or RegistryRoute.TokenExchange);

    // Cancelling an upload or an import takes away nothing that anybody could have read.
    private static bool IsDelete(RegistryRoute route, string method) => method == "DELETE" && route is not (RegistryRoute.Upload or RegistryRoute.Import);
}
