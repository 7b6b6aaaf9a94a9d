using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Users and robots, by name and password. The form of the password tells which of the two it is, so that an answer takes as long whoever has the name.</summary>
internal sealed class PasswordSignIn(AccountRights accounts, AccountNames names, SignInAttempts attempts)
{
    /// <summary>Whose name and password they are; null when they do not fit.</summary>
    /// <exception cref="Registry.Oci.RegistryException">TOOMANYREQUESTS.</exception>
    public Task<Subject?> FindAsync(HttpContext http, BasicCredentials credentials) =>
        RobotPassword.IsOne(credentials.Password) ? FindRobotAsync(http, credentials) : FindUserAsync(http, credentials);

    private async Task<Subject?> FindRobotAsync(HttpContext http, BasicCredentials credentials)
    {
        var account = await attempts.TrySecretAsync(http, credentials.Name, "robot", async () =>
            await accounts.FindAsync(credentials.Name, http.RequestAborted) is { } found && RobotPassword.Fits(found, credentials.Password) && accounts.IsActive(found) ? found : null);
        return account is null ? null : await AdmitAsync(account, RobotPassword.SlotOf(credentials.Password), null, http.RequestAborted);
    }

    private async Task<Subject?> FindUserAsync(HttpContext http, BasicCredentials credentials)
    {
        // It cannot be right, whoever it is for: nothing is looked up, so that nothing tells one name from another.
        var isTooLong = PasswordHashes.IsTooLong(credentials.Password);
        var account = await attempts.TryPasswordAsync(http, credentials, "password", async () =>
        {
            // It would be turned away in any case, and need not cost a call to storage first.
            if (attempts.IsFlooded && !await names.MayHaveAsync(credentials.Name, http.RequestAborted)) throw SignInAttempts.TurnAway(http);
            // Before the password is checked: whoever changes it meanwhile ends what this sign-in gives.
            var found = isTooLong ? null : await accounts.FindAsync(credentials.Name, http.RequestAborted);
            var hash = found is { IsRobot: false } ? found.PasswordHashes[0] : null;
            var owner = hash is not null && accounts.IsActive(found!) ? found : null;
            // The hash is computed in every case, also for names that nobody has, and for accounts that may not sign in.
            return new StoredPassword<Account>(owner, hash ?? "", password => PasswordHashes.Verify(hash, password));
        });
        if (account is null) return null;
        var better = PasswordHashes.IsWeak(account.PasswordHashes[0]!) ? PasswordHashes.Hash(credentials.Password) : null;
        return await AdmitAsync(account, 0, better, http.RequestAborted);
    }

    private async Task<Subject> AdmitAsync(Account account, int slot, string? betterHash, CancellationToken cancellationToken)
    {
        await accounts.NoteUseAsync(account, betterHash, cancellationToken);
        var rights = await accounts.SumAsync(account.Scopes, cancellationToken);
        return new Subject(account.Name.ToString(), account.IsRobot ? "robot" : "password", rights) { Origin = new RefreshOrigin.Password(account.Generations[slot]) };
    }
}
