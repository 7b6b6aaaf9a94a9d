using Serverless.Registry.Access;
using Serverless.Registry.Oci;

namespace Serverless.Web.Auth;

/// <summary>
/// The only way to an endpoint. It decides on a request before anything is done, by route, method and credentials alone and never by what repositories hold: one that the caller may not
/// see and one that does not exist are answered alike.
/// </summary>
internal sealed class AccessGate(IAuthenticator authenticator, AuditLog audit)
{
    /// <summary>Lets a request in.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED, with a challenge; DENIED; TOOMANYREQUESTS.</exception>
    public async ValueTask<Caller> AdmitAsync(HttpContext http, RequiredAccess access)
    {
        if (access == RequiredAccess.None) return Caller.Anybody;
        return await AdmitAsync(http, access, await authenticator.IdentifyAsync(http));
    }

    /// <summary>Demands more of somebody who was let in, where what else he must be allowed stands in the request's body.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED, with a challenge; DENIED.</exception>
    public async ValueTask DemandAsync(HttpContext http, RequiredAccess access, Caller caller) => await AdmitAsync(http, access, caller);

    private async ValueTask<Caller> AdmitAsync(HttpContext http, RequiredAccess access, Caller? caller)
    {
        if (caller is not null && await FindAdmittedAsync(caller, access, http.RequestAborted) is { } admitted)
        {
            audit.Allowed(http, access, admitted);
            return admitted;
        }

        var error = caller is null ? "invalid_token" : caller.IsAdmitted ? "insufficient_scope" : null;
        var challenge = caller?.Name is null || authenticator.AsksAgain ? authenticator.Challenge(http, access, error) : null;
        // Whoever has shown nothing yet is told how, and so is who could show more: most requests begin like that.
        if (challenge is not null && caller is not null && (error is null || caller.May(access))) audit.Challenged(http, access);
        else audit.Refused(http, access, caller);
        if (challenge is null) throw new RegistryException(RegistryError.Denied);
        http.Response.Headers.WWWAuthenticate = challenge;
        throw new RegistryException(RegistryError.Unauthorized);
    }

    /// <summary>The caller as he is let in; null when he is not.</summary>
    private async ValueTask<Caller?> FindAdmittedAsync(Caller caller, RequiredAccess access, CancellationToken cancellationToken)
    {
        if (access.Actions == RepositoryActions.Catalog && !caller.SeesAll) caller = caller with { Visible = await authenticator.FindRightsAsync(caller, cancellationToken) };
        if (access.IsOtherName && !caller.May(access)) caller = caller with { Rights = caller.Rights.With(await authenticator.FindRightsAsync(caller, cancellationToken)) };
        if (!caller.May(access)) return null;
        // Whoever could show that he may read the source of a mount is asked to. For all others it is as if there were no source.
        return access.Source is { } source && !MayPull(caller.Rights, source) && MayPull(await authenticator.FindRightsAsync(caller, cancellationToken), source) ? null : caller;
    }

    private static bool MayPull(AccessRights rights, RepositoryName repository) => rights.On(repository).HasFlag(RepositoryActions.Pull);
}
