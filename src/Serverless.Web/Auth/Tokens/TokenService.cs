using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Who somebody is: by password, by refresh token or by another issuer's token. Rights are read anew each time.</summary>
internal sealed class TokenService(PasswordSignIn passwords, RefreshSignIn refresh, FederatedSignIn federation, AccountRights accounts, SignInAttempts attempts)
{
    /// <summary>The user under whose name a token travels as the password, as with Azure Container Registry.</summary>
    public const string TokenUser = "00000000-0000-0000-0000-000000000000";

    /// <summary>Nobody in particular.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED: nobody may do anything without signing in.</exception>
    public async Task<Subject> AnonymousAsync(CancellationToken cancellationToken)
    {
        var rights = await accounts.SumAsync([], cancellationToken);
        return rights.Rules.Count > 0 ? new Subject(null, "anonymous", rights) : throw new RegistryException(RegistryError.Unauthorized);
    }

    /// <summary>
    /// Signs in by name and password. A refresh token may be the password of whatever name: the kubelet hands on a name and a password and nothing else, not the identity token
    /// that docker keeps beside them, so a pull secret has the token in the password's place.
    /// </summary>
    /// <exception cref="RegistryException">UNAUTHORIZED; TOOMANYREQUESTS.</exception>
    public Task<Subject> SignInAsync(HttpContext http, BasicCredentials credentials) =>
        RefreshTokenStore.IsToken(credentials.Password) ? RefreshAsync(http, credentials.Password)
        : credentials.Name != TokenUser ? DemandAsync(passwords.FindAsync(http, credentials))
        : TokenReader.IsToken(credentials.Password) ? ExchangeAsync(http, credentials.Password)
        : RefreshAsync(http, credentials.Password);

    /// <summary>Signs in by a refresh token.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED.</exception>
    public Task<Subject> RefreshAsync(HttpContext http, string token) => DemandAsync(refresh.FindAsync(http, token));

    /// <summary>Signs in by the token of a federated issuer.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED.</exception>
    public Task<Subject> ExchangeAsync(HttpContext http, string token) => DemandAsync(federation.FindAsync(http, token));

    /// <summary>Counts credentials or a form that cannot be read as a failed sign-in, and tells the audit log.</summary>
    /// <exception cref="RegistryException">TOOMANYREQUESTS.</exception>
    public void RefuseUnreadable(HttpContext http) => attempts.RefuseUnreadable(http);

    /// <summary>Whether there are refresh tokens at all.</summary>
    public bool HasRefreshTokens => refresh.IsOn;

    /// <summary>A refresh token for somebody who has signed in; the one that was used, if one was.</summary>
    public Task<string> RefreshTokenAsync(Subject subject, CancellationToken cancellationToken) => refresh.IssueAsync(subject, cancellationToken);

    private static async Task<Subject> DemandAsync(Task<Subject?> finding) =>
        await finding ?? throw new RegistryException(RegistryError.Unauthorized, "the credentials are not right");
}
