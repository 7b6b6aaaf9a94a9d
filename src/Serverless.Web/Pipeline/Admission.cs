using Serverless.Web.Auth;
using Serverless.Web.Http;
using Serverless.Web.Routing;

namespace Serverless.Web.Pipeline;

/// <summary>Lets a request in to what its path names, and says how long the answer may be kept.</summary>
/// <param name="gate">Decides who is let in.</param>
/// <param name="nobodyIsAnybody">
/// Whether a caller without a name is one who has not signed in, so that what he may read everybody may. Another server's tokens may have no name and give rights all the same.
/// </param>
internal sealed class Admission(AccessGate gate, bool nobodyIsAnybody)
{
    /// <inheritdoc cref="AccessGate.AdmitAsync"/>
    public async ValueTask<Caller> AdmitAsync(HttpContext http, RegistryRoute route)
    {
        var caller = await gate.AdmitAsync(http, RequiredAccess.Of(route, http.Request.Method));
        var isPublic = nobodyIsAnybody && caller.Name is null;
        if (!isPublic && (route is RegistryRoute.Catalog || RouteFamily.Repository(route) is not null)) AnswerHeaders.SetPrivate(http);
        return caller;
    }
}
