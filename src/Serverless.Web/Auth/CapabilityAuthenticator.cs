using Serverless.Registry;
using Serverless.Registry.Access;
using Serverless.Web.Http;
using Serverless.Web.Routing;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Auth;

/// <summary>
/// The server of uploads: who has begun an upload at the registry carries a capability for it in the address. Authorization is not looked at, some clients send none here and
/// some one that is meant for another host; and nobody is asked to sign in, which some would take for the end.
/// </summary>
internal sealed class CapabilityAuthenticator(ContainerRegistry registry) : IAuthenticator
{
    private static readonly Caller s_nobody = new(null, "no capability", AccessRights.None);

    public bool AsksAgain => false;

    public async ValueTask<Caller?> IdentifyAsync(HttpContext http)
    {
        if (RequestRecord.Of(http).Route is not RegistryRoute.Upload route || !Guid.TryParseExact(route.Id, "N", out var id)) return s_nobody;
        var text = http.Request.Query[Locations.CapabilityParameter].ToString();
        if (await registry.UploadCapabilities.FindAsync(route.Name, id, text, http.RequestAborted) is not { } capability) return s_nobody;
        return new Caller(capability.Account, "capability", new AccessRights([AccessRule.For(route.Name, RepositoryActions.Pull | RepositoryActions.Push)])) { IsAdmitted = true };
    }

    public string? Challenge(HttpContext http, RequiredAccess access, string? error) => null;
}
