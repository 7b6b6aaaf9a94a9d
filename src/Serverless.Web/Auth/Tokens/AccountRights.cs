using Serverless.Registry.Access;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Accounts that may sign in, and what they may do. Both are read anew each time.</summary>
internal sealed class AccountRights(AccountStore accounts, ScopeMapStore scopes, TimeProvider timeProvider)
{
    /// <summary>An account by the name that somebody claims; null when nobody has it, or nobody can.</summary>
    public async Task<Account?> FindAsync(string name, CancellationToken cancellationToken) =>
        AccountName.TryParse(name, null, out var parsed) ? await accounts.FindAsync(parsed, cancellationToken) : null;

    /// <summary>Whether the account may sign in now.</summary>
    public bool IsActive(Account account) => account.IsActive(timeProvider.GetUtcNow());

    /// <summary>What these scope maps give, with what everybody has.</summary>
    public Task<AccessRights> SumAsync(IEnumerable<string> maps, CancellationToken cancellationToken) => scopes.SumAsync(maps, cancellationToken);

    /// <summary>Notes that an account was used, to the day, and a better hash of its password if there is one.</summary>
    public Task NoteUseAsync(Account account, string? betterHash, CancellationToken cancellationToken) => accounts.NoteUseAsync(account, betterHash, cancellationToken);
}
