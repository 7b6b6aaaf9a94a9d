using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Users and robots, by name and password.</summary>
internal sealed class PasswordSignIn(AccountRights accounts, SignInAttempts attempts)
{
    /// <summary>Whose name and password they are; null when they do not fit.</summary>
    /// <exception cref="Registry.Oci.RegistryException">TOOMANYREQUESTS.</exception>
    public Task<Subject?> FindAsync(HttpContext http, BasicCredentials credentials) =>
        attempts.TryPasswordAsync(http, credentials.Name, "password", () => CheckAsync(credentials, http.RequestAborted));

    private async Task<Subject?> CheckAsync(BasicCredentials credentials, CancellationToken cancellationToken)
    {
        // Before the password is checked: whoever changes it meanwhile ends what this sign-in gives.
        var account = await accounts.FindAsync(credentials.Name, cancellationToken);
        var hash = account is null ? null : RobotPassword.HashFor(account, credentials.Password);
        // The hash is computed first, also for names that nobody has, and for accounts that may not sign in.
        if (!PasswordHashes.Verify(hash, credentials.Password) || account is null || !accounts.IsActive(account)) return null;
        await accounts.NoteUseAsync(account, !account.IsRobot && PasswordHashes.IsBcrypt(hash!) ? PasswordHashes.Hash(credentials.Password) : null, cancellationToken);
        var rights = await accounts.SumAsync(account.Scopes, cancellationToken);
        var generation = account.Generations[RobotPassword.SlotOf(account, credentials.Password)];
        return new Subject(credentials.Name, account.IsRobot ? "robot" : "password", rights) { Origin = new RefreshOrigin.Password(generation) };
    }
}
