using Serverless.Registry.Oci;

namespace Serverless.Web.Auth;

/// <summary>
/// The only way to an endpoint. It decides on a request before anything is done, by route, method and credentials alone and never by what is stored: a
/// repository that one may not see and one that does not exist are answered alike.
/// </summary>
internal sealed class AccessGate(IAuthenticator authenticator, AuditLog audit)
{
    /// <summary>Lets a request in.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED, with a challenge; DENIED; TOOMANYREQUESTS.</exception>
    public async ValueTask<Caller> AdmitAsync(HttpContext http, RequiredAccess access)
    {
        if (access == RequiredAccess.None) return Caller.Anybody;
        var caller = await authenticator.IdentifyAsync(http);
        if (caller is not null && caller.May(access))
        {
            audit.Allowed(http, access, caller);
            return caller;
        }

        audit.Refused(http, access, caller);
        if (caller?.Name is not null && !authenticator.AsksAgain) throw new RegistryException(RegistryError.Denied);
        var error = caller is null ? "invalid_token" : caller.IsAdmitted ? "insufficient_scope" : null;
        if (authenticator.Challenge(http, access, error) is not { } challenge) throw new RegistryException(RegistryError.Denied);
        http.Response.Headers.WWWAuthenticate = challenge;
        throw new RegistryException(RegistryError.Unauthorized);
    }
}
