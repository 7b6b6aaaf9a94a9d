using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Mirrors;
using Serverless.Web.Routing;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Pipeline;

/// <summary>Lets a request in to what its path names, as long as its caller has not pulled too much, and says how long the answer may be kept.</summary>
/// <param name="gate">Decides who is let in.</param>
/// <param name="pulls">Who may pull how much.</param>
/// <param name="nobodyIsAnybody">
/// Whether a caller without a name is one who has not signed in, so that what he may read everybody may. Another server's tokens may have no name and give rights all the same.
/// </param>
/// <param name="mirrors">Which repositories are known by other names.</param>
internal sealed class Admission(AccessGate gate, PullLimits pulls, bool nobodyIsAnybody, MirrorTable mirrors)
{
    /// <summary>Lets a request in.</summary>
    /// <param name="http">The request.</param>
    /// <param name="asked">What its path names.</param>
    /// <returns>What it means by that, and who sends it.</returns>
    /// <exception cref="Registry.Oci.RegistryException">UNAUTHORIZED, with a challenge; DENIED; TOOMANYREQUESTS.</exception>
    public async ValueTask<(RegistryRoute Route, Caller Caller)> AdmitAsync(HttpContext http, RegistryRoute asked)
    {
        var route = mirrors.Resolve(http, asked);
        RequestRecord.Of(http).Route = route;
        var caller = await gate.AdmitAsync(http, RequiredAccess.Of(route, http.Request) with { IsOtherName = route != asked });
        var isPublic = nobodyIsAnybody && caller.Name is null;
        if (!isPublic && (route is RegistryRoute.Catalog || RouteFamily.IsApi(route) || RouteFamily.Repository(route) is not null)) AnswerHeaders.SetPrivate(http);
        if (http.Request.Method == "GET" && RouteFamily.IsPulled(route)) pulls.Take(http, caller);
        return (route, caller);
    }
}
