using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;

namespace Serverless.Web.Pipeline;

/// <summary>Lets a request in to what its path names, as long as its caller has not pulled too much, and says how long the answer may be kept.</summary>
/// <param name="gate">Decides who is let in.</param>
/// <param name="pulls">Who may pull how much.</param>
/// <param name="nobodyIsAnybody">
/// Whether a caller without a name is one who has not signed in, so that what he may read everybody may. Another server's tokens may have no name and give rights all the same.
/// </param>
internal sealed class Admission(AccessGate gate, PullLimits pulls, bool nobodyIsAnybody)
{
    /// <summary>Lets a request in.</summary>
    /// <exception cref="Registry.Oci.RegistryException">UNAUTHORIZED, with a challenge; DENIED; TOOMANYREQUESTS.</exception>
    public async ValueTask<Caller> AdmitAsync(HttpContext http, RegistryRoute route)
    {
        var caller = await gate.AdmitAsync(http, RequiredAccess.Of(route, http.Request));
        var isPublic = nobodyIsAnybody && caller.Name is null;
        if (!isPublic && (route is RegistryRoute.Catalog || RouteFamily.Repository(route) is not null)) AnswerHeaders.SetPrivate(http);
        if (http.Request.Method == "GET" && RouteFamily.IsPulled(route)) pulls.Take(http, caller);
        return caller;
    }
}
