using Serverless.Registry.Access;

namespace Serverless.Web.Auth.Tokens;

/// <summary>The registry's own accounts, read anew each time.</summary>
internal sealed class AccountStanding(AccountRights accounts, FederatedSignIn federation) : IStanding
{
    // Whoever was let in by another issuer has a name that no account can have, and no account that could be ended.
    public async ValueTask<bool> HoldsAsync(string? name, CancellationToken cancellationToken) =>
        name is null || !AccountName.TryParse(name, null, out _) || (await accounts.FindAsync(name, cancellationToken) is { } account && accounts.IsActive(account));

    public async ValueTask<AccessRights> FindRightsAsync(Caller caller, CancellationToken cancellationToken)
    {
        var scopes = caller.Name is null ? [] : caller.Rules is { } rules ? federation.FindScopes(rules) : await FindScopesAsync(caller.Name, cancellationToken);
        return scopes is null ? AccessRights.None : await accounts.SumAsync(scopes, cancellationToken);
    }

    private async Task<IReadOnlyList<string>?> FindScopesAsync(string name, CancellationToken cancellationToken) =>
        await accounts.FindAsync(name, cancellationToken) is { } account && accounts.IsActive(account) ? account.Scopes : null;
}
