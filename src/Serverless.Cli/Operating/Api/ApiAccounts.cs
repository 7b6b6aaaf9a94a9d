using System.Runtime.CompilerServices;
using Serverless.Registry.Access;

namespace Serverless.Cli.Operating.Api;

/// <summary>The accounts over the API.</summary>
internal sealed class ApiAccounts(ApiClient client) : IAccounts
{
    private const string All = "accounts";

    private static readonly string[] s_absent = ["ACCOUNT_UNKNOWN"];
    private static readonly string[] s_taken = ["ACCOUNT_EXISTS"];

    public async IAsyncEnumerable<AccountInfo> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var page in client.ListAsync(All, ApiRight.Admin, ApiDocuments.Default.ApiAccountPage, [], cancellationToken))
        {
            foreach (var account in page.Accounts)
            {
                // A name that is none is nobody's here.
                if (Find(account) is { } info) yield return info;
            }
        }
    }

    public async Task<AccountInfo?> FindAsync(AccountName name, CancellationToken cancellationToken) =>
        Find(await client.FindAsync(PathOf(name), ApiRight.Admin, ApiDocuments.Default.ApiAccount, s_absent, cancellationToken));

    public async Task<bool> TryAddUserAsync(AccountName name, string password, IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
        await AddAsync(new ApiAccountOrder(name.ToString(), "user", password, scopes, null), cancellationToken) is not null;

    public async Task<string?> TryAddRobotAsync(AccountName name, IReadOnlyList<string> scopes, DateTimeOffset? expires, CancellationToken cancellationToken) =>
        await AddAsync(new ApiAccountOrder(name.ToString(), "robot", null, scopes, expires), cancellationToken) is { } made
            ? made.Password ?? throw new CliException($"The robot {name} was made, but its password was not answered. Make another one by 'registry robots rotate {name}'.")
            : null;

    public async Task<AccountInfo?> ChangeAsync(AccountName name, AccountEdit edit, CancellationToken cancellationToken)
    {
        var order = ApiOrder.Of(HttpMethod.Patch, PathOf(name), new ApiAccountChange(edit.Disabled, edit.Scopes, edit.Password), ApiDocuments.Default.ApiAccountChange);
        return Find(await client.SendAsync(order, ApiRight.Admin, ApiDocuments.Default.ApiAccount, s_absent, cancellationToken));
    }

    public async Task<string?> RotateAsync(AccountName name, CancellationToken cancellationToken) =>
        (await client.SendAsync(new ApiOrder(HttpMethod.Post, $"{PathOf(name)}/password", null), ApiRight.Admin, ApiDocuments.Default.ApiPassword, s_absent, cancellationToken))?.Password;

    public Task DeleteAsync(AccountName name, CancellationToken cancellationToken) => client.SendAsync(HttpMethod.Delete, PathOf(name), ApiRight.Admin, s_absent, cancellationToken);

    private Task<ApiAccount?> AddAsync(ApiAccountOrder order, CancellationToken cancellationToken) =>
        client.SendAsync(ApiOrder.Of(HttpMethod.Post, All, order, ApiDocuments.Default.ApiAccountOrder), ApiRight.Admin, ApiDocuments.Default.ApiAccount, s_taken, cancellationToken);

    // Names have only characters that a path may have.
    private static string PathOf(AccountName name) => $"{All}/{name}";

    private static AccountInfo? Find(ApiAccount? account) => account is not null && AccountName.TryParse(account.Name, null, out var name)
        ? new AccountInfo(name, account.Kind == "robot", account.State, account.ScopeMaps, account.Passwords, account.ExpiresAt, account.LastUsedAt)
        : null;
}
