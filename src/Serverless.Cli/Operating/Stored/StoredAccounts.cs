using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Cli.Operating.Stored;

/// <summary>The accounts as storage has them.</summary>
internal sealed class StoredAccounts(AccountStore accounts, TimeProvider time) : IAccounts
{
    public IAsyncEnumerable<AccountInfo> ListAsync(CancellationToken cancellationToken) => accounts.ListAsync(cancellationToken).Select(Describe);

    public async Task<AccountInfo?> FindAsync(AccountName name, CancellationToken cancellationToken) => Find(await accounts.FindAsync(name, cancellationToken));

    public Task<bool> TryAddUserAsync(AccountName name, string password, IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        accounts.TryAddAsync(new Account { Name = name, PasswordHashes = [PasswordHashes.Hash(password), null], Scopes = scopes }, cancellationToken);

    public async Task<string?> TryAddRobotAsync(AccountName name, IReadOnlyList<string> scopes, DateTimeOffset? expires, CancellationToken cancellationToken)
    {
        var password = RobotPassword.New(slot: 0);
        var account = new Account { Name = name, IsRobot = true, PasswordHashes = [RobotPassword.Hash(password), null], Scopes = scopes, Expires = expires };
        return await accounts.TryAddAsync(account, cancellationToken) ? password : null;
    }

    public async Task<AccountInfo?> ChangeAsync(AccountName name, AccountEdit edit, CancellationToken cancellationToken)
    {
        var hash = edit.Password is null ? null : PasswordHashes.Hash(edit.Password);
        return Find(await accounts.ChangeAsync(name, Apply, cancellationToken));

        Account Apply(Account before) => before with
        {
            Disabled = edit.Disabled ?? before.Disabled,
            Scopes = edit.Scopes ?? before.Scopes,
            PasswordHashes = hash is null ? before.PasswordHashes : [hash, null],
        };
    }

    public async Task<string?> RotateAsync(AccountName name, CancellationToken cancellationToken)
    {
        var rotation = new RobotRotation();
        return await accounts.ChangeAsync(name, rotation.Apply, cancellationToken) is null ? null : rotation.Password;
    }

    public Task DeleteAsync(AccountName name, CancellationToken cancellationToken) => accounts.DeleteAsync(name, cancellationToken);

    private AccountInfo? Find(Account? account) => account is null ? null : Describe(account);

    private AccountInfo Describe(Account account) => new(
        account.Name, account.IsRobot, account.Describe(time.GetUtcNow()), account.Scopes, account.PasswordHashes.Count(h => h is not null), account.Expires, account.LastUsed);
}
