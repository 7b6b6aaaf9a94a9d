using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Those who have signed in before, by the refresh token that they were given.</summary>
internal sealed class RefreshSignIn(RefreshTokenStore tokens, AccountRights accounts, FederatedSignIn federation, SignInAttempts attempts, TokenSettings settings)
{
    private static readonly TimeSpan s_federatedLifetime = TimeSpan.FromHours(3);

    /// <summary>Whether refresh tokens are given out and taken.</summary>
    public bool IsOn => settings.RefreshLifetime > TimeSpan.Zero;

    /// <summary>Whose refresh token it is; null when it does not hold.</summary>
    public Task<Subject?> FindAsync(HttpContext http, string token) =>
        attempts.TrySecretAsync(http, TokenService.TokenUser, "refresh token", () => CheckAsync(token, http.RequestAborted));

    /// <summary>A refresh token for somebody who has signed in; the one that was used, if one was.</summary>
    public async Task<string> IssueAsync(Subject subject, CancellationToken cancellationToken)
    {
        if (subject.RefreshToken is { } used) return used;
        // What another issuer has said is not true for long.
        var (lifetime, most) = subject.Origin is RefreshOrigin.Federation ? (s_federatedLifetime, s_federatedLifetime) : (settings.RefreshLifetime, settings.RefreshMaxLifetime);
        return await tokens.IssueAsync(subject.Name!, settings.Service, lifetime, most, subject.Origin!, cancellationToken);
    }

    private async Task<Subject?> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (!IsOn || await tokens.FindAsync(token, settings.Service, cancellationToken) is not { } found) return null;
        if (await FindScopesAsync(found, cancellationToken) is not { } scopes) return null;
        await tokens.NoteUseAsync(token, found, settings.RefreshLifetime, cancellationToken);
        return new Subject(found.Subject, "refresh token", await accounts.SumAsync(scopes, cancellationToken)) { Origin = found.Origin, RefreshToken = token };
    }

    // The scope maps of whom the token stands for, as they are now; null when what it was given for holds no longer.
    private async Task<IReadOnlyList<string>?> FindScopesAsync(RefreshToken token, CancellationToken cancellationToken)
    {
        if (token.Origin is RefreshOrigin.Federation federated) return federation.FindScopes(federated.Rules);
        var account = await accounts.FindAsync(token.Subject, cancellationToken);
        var holds = account is not null && accounts.IsActive(account) && account.Generations.Contains(((RefreshOrigin.Password)token.Origin).Generation);
        return holds ? account!.Scopes : null;
    }
}
