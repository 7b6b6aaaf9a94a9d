using System.Text.Json;
using Serverless.Functions.Auth.Basic;
using Serverless.Functions.Auth.Federation;
using Serverless.Functions.Auth.Passwords;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;

namespace Serverless.Functions.Auth.Tokens;

/// <summary>Who somebody is: by password, by refresh token or by another issuer's token. Rights are read anew each time.</summary>
internal sealed class TokenService(
    TokenSettings settings,
    AccountStore accounts,
    ScopeMapStore scopes,
    RefreshTokenStore refreshTokens,
    IReadOnlyList<FederatedIssuer> issuers,
    PasswordGuard guard,
    ClientAddress address,
    AuditLog audit,
    TimeProvider timeProvider)
{
    /// <summary>The user under whose name a token travels as the password, as with Azure Container Registry.</summary>
    public const string TokenUser = "00000000-0000-0000-0000-000000000000";

    private static readonly TimeSpan s_federatedLifetime = TimeSpan.FromHours(3);

    /// <summary>Nobody in particular.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED: nobody may do anything without signing in.</exception>
    public async Task<Subject> AnonymousAsync(CancellationToken cancellationToken)
    {
        var rights = await scopes.SumAsync([], cancellationToken);
        return rights.Rules.Count > 0 ? new Subject(null, "anonymous", rights) : throw new RegistryException(RegistryError.Unauthorized);
    }

    /// <summary>Signs in by name and password.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED; TOOMANYREQUESTS.</exception>
    public Task<Subject> SignInAsync(HttpContext http, BasicCredentials credentials) => credentials.Name == TokenUser
        ? TokenReader.IsToken(credentials.Password) ? ExchangeAsync(http, credentials.Password) : RefreshAsync(http, credentials.Password)
        : EndAsync(http, credentials.Name, "password", guard.RunAsync(http, credentials.Name, address.NetworkOf(http), () => FindByPasswordAsync(credentials, http.RequestAborted)));

    /// <summary>Signs in by a refresh token.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED; TOOMANYREQUESTS.</exception>
    public Task<Subject> RefreshAsync(HttpContext http, string token) =>
        CountAsync(http, "refresh token", () => FindByRefreshTokenAsync(token, http.RequestAborted));

    /// <summary>Signs in by the token of a federated issuer.</summary>
    /// <exception cref="RegistryException">UNAUTHORIZED; TOOMANYREQUESTS.</exception>
    public Task<Subject> ExchangeAsync(HttpContext http, string token) =>
        CountAsync(http, "federation", () => FindByFederationAsync(token, http.RequestAborted));

    /// <summary>A refresh token for somebody who has signed in; the one that was used, if one was.</summary>
    public async Task<string> RefreshTokenAsync(Subject subject, CancellationToken cancellationToken) => subject.RefreshToken ?? await refreshTokens.IssueAsync(
        subject.Name!, settings.Service, subject.FederatedScopes is null ? settings.RefreshLifetime : s_federatedLifetime, subject.FederatedScopes, cancellationToken);

    // A token says nothing true of itself before it is checked, so its failures are counted by address. Where that is not known they are not: no token can be guessed.
    private Task<Subject> CountAsync(HttpContext http, string how, Func<Task<Subject?>> find)
    {
        var network = address.NetworkOf(http);
        return EndAsync(http, TokenUser, how, guard.CountAsync(http, network is null ? null : TokenUser + network, network, find));
    }

    private async Task<Subject> EndAsync(HttpContext http, string account, string how, Task<Subject?> finding)
    {
        if (await finding is { } subject) return subject;
        audit.SignInFailed(http, account, how);
        throw new RegistryException(RegistryError.Unauthorized, "the credentials are not right");
    }

    private async Task<Subject?> FindByPasswordAsync(BasicCredentials credentials, CancellationToken cancellationToken)
    {
        var account = AccountName.TryParse(credentials.Name, null, out var name) ? await accounts.FindAsync(name, cancellationToken) : null;
        var hash = account is null ? null : RobotPassword.HashFor(account, credentials.Password);
        // The hash is computed first, also for names that nobody has, and for accounts that may not sign in.
        if (!PasswordHashes.Verify(hash, credentials.Password) || account?.IsActive(timeProvider.GetUtcNow()) != true) return null;
        await accounts.NoteUseAsync(account, !account.IsRobot && PasswordHashes.IsBcrypt(hash!) ? PasswordHashes.Hash(credentials.Password) : null, cancellationToken);
        return new Subject(credentials.Name, account.IsRobot ? "robot" : "password", await scopes.SumAsync(account.Scopes, cancellationToken));
    }

    private async Task<Subject?> FindByRefreshTokenAsync(string token, CancellationToken cancellationToken)
    {
        if (await refreshTokens.FindAsync(token, settings.Service, cancellationToken) is not { } found) return null;
        if (found.Scopes is { } federated)
        {
            return new Subject(found.Subject, "refresh token", await scopes.SumAsync(federated, cancellationToken)) { FederatedScopes = federated, RefreshToken = token };
        }

        var account = await accounts.FindAsync(AccountName.Parse(found.Subject), cancellationToken);
        if (account?.IsActive(timeProvider.GetUtcNow()) != true || found.Issued < account.CredentialsChanged) return null;
        return new Subject(found.Subject, "refresh token", await scopes.SumAsync(account.Scopes, cancellationToken)) { RefreshToken = token };
    }

    private async Task<Subject?> FindByFederationAsync(string token, CancellationToken cancellationToken)
    {
        if (TokenReader.Find(token) is not var (_, claims) || !claims.TryGetProperty("iss", out var iss) || iss.ValueKind != JsonValueKind.String) return null;
        // What the token says of its issuer only chooses among those that are trusted.
        foreach (var issuer in issuers.Where(i => iss.ValueEquals(i.Issuer)))
        {
            if (await issuer.FindSubjectAsync(token, cancellationToken) is { } subject)
            {
                return new Subject(subject.Name, "federation", await scopes.SumAsync(subject.Scopes, cancellationToken)) { FederatedScopes = subject.Scopes };
            }
        }

        return null;
    }
}
