using Serverless.Registry.Access;

namespace Serverless.Web.Auth;

/// <summary>A way to sign in.</summary>
internal interface IAuthenticator
{
    /// <summary>Whether somebody who has signed in but lacks a right is asked for other credentials, as with tokens, or simply refused.</summary>
    bool AsksAgain { get; }

    /// <summary>Finds out who sends a request.</summary>
    /// <returns>The caller, who may be nobody; null when there are credentials that do not hold.</returns>
    /// <exception cref="Registry.Oci.RegistryException">TOOMANYREQUESTS: too many wrong passwords.</exception>
    ValueTask<Caller?> IdentifyAsync(HttpContext http);

    /// <summary>All that somebody may do who was found out, whatever of it he has shown: a token gives only what was asked for.</summary>
    ValueTask<AccessRights> FindRightsAsync(Caller caller, CancellationToken cancellationToken) => ValueTask.FromResult(caller.Rights);

    /// <summary>What to send with a 401 (RFC 9110, "WWW-Authenticate"); null where nobody can sign in, so that there is no 401.</summary>
    /// <param name="http">The request.</param>
    /// <param name="access">What was asked for.</param>
    /// <param name="error">What is wrong with the credentials (RFC 6750, "Error Codes"); null when there were none.</param>
    string? Challenge(HttpContext http, RequiredAccess access, string? error);
}
