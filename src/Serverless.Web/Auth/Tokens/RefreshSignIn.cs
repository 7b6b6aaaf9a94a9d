using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Those who have signed in before, by the refresh token that they were given.</summary>
internal sealed class RefreshSignIn(RefreshTokenStore tokens, AccountRights accounts, SignInAttempts attempts, TokenSettings settings)
{
    private static readonly TimeSpan s_federatedLifetime = TimeSpan.FromHours(3);

    /// <summary>Whose refresh token it is; null when it does not hold.</summary>
    /// <exception cref="Registry.Oci.RegistryException">TOOMANYREQUESTS.</exception>
    public Task<Subject?> FindAsync(HttpContext http, string token) =>
        attempts.TryTokenAsync(http, TokenService.TokenUser, "refresh token", () => CheckAsync(token, http.RequestAborted));

    /// <summary>A refresh token for somebody who has signed in; the one that was used, if one was.</summary>
    public async Task<string> IssueAsync(Subject subject, CancellationToken cancellationToken) => subject.RefreshToken ?? await tokens.IssueAsync(
        subject.Name!, settings.Service, subject.FederatedScopes is null ? settings.RefreshLifetime : s_federatedLifetime, subject.FederatedScopes, cancellationToken);

    private async Task<Subject?> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (await tokens.FindAsync(token, settings.Service, cancellationToken) is not { } found) return null;
        if (found.Scopes is { } federated)
        {
            return new Subject(found.Subject, "refresh token", await accounts.SumAsync(federated, cancellationToken)) { FederatedScopes = federated, RefreshToken = token };
        }

        var account = await accounts.FindAsync(found.Subject, cancellationToken);
        if (account is null || !accounts.IsActive(account) || found.Issued < account.CredentialsChanged) return null;
        return new Subject(found.Subject, "refresh token", await accounts.SumAsync(account.Scopes, cancellationToken)) { RefreshToken = token };
    }
}
