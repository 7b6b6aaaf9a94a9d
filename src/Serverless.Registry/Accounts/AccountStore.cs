using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Serverless.Registry.Access;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Accounts;

/// <summary>The accounts, in the system table. Passwords come and go as hashes only.</summary>
public sealed class AccountStore(ITableStore tables, TimeProvider timeProvider)
{
    private const string RobotProperty = "robot";
    private const string DisabledProperty = "disabled";
    private const string NewestProperty = "newest";
    private const string ScopesProperty = "scopes";
    private const string ExpiresProperty = "expires";
    private const string LastUsedProperty = "lastUsed";
    private static readonly string[] s_hashProperties = ["hash0", "hash1"];
    private static readonly string[] s_generationProperties = ["generation0", "generation1"];
    private static readonly string[] s_known =
        [RobotProperty, DisabledProperty, NewestProperty, ScopesProperty, ExpiresProperty, LastUsedProperty, .. s_hashProperties, .. s_generationProperties];
    private static readonly TimeSpan s_lastUsedAccuracy = TimeSpan.FromHours(1);

    /// <summary>Finds an account: one round trip to storage. Null when there is none.</summary>
    public async Task<Account?> FindAsync(AccountName name, CancellationToken cancellationToken) =>
        await tables.FindAsync(TableKeys.SystemTable, TableKeys.Account(name), cancellationToken) is { } row ? Read(row) : null;

    /// <summary>Lists the accounts by name.</summary>
    public async IAsyncEnumerable<Account> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.AccountPartition, ""), cancellationToken)) yield return Read(row);
    }

    /// <summary>A page of accounts by name: one round trip to storage, and more only where it hands out short pages.</summary>
    /// <param name="count">Accounts in the page, at most.</param>
    /// <param name="last">The name after which to go on; null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(IReadOnlyList<Account> Accounts, bool More)> ListPageAsync(int count, AccountName? last, CancellationToken cancellationToken)
    {
        var (rows, more) = await tables.TakeAsync(TableKeys.SystemTable, RowQuery.PrefixAfter(TableKeys.AccountPartition, "", last?.ToString()), count, cancellationToken);
        return ([.. rows.Select(Read)], more);
    }

    /// <summary>Lists the names of all accounts: one round trip to storage for each thousand.</summary>
    public async IAsyncEnumerable<string> ListNamesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.AccountPartition, "") with { Select = [RobotProperty] };
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, query, cancellationToken)) yield return row.Key.Row;
    }

    /// <summary>Makes an account.</summary>
    /// <returns>False when there is one of that name, which stays as it is.</returns>
    public async Task<bool> AddAsync(Account account, CancellationToken cancellationToken)
    {
        var insert = new RowWrite.Insert(TableKeys.Account(account.Name), ToProperties(account with { Generations = [NewGeneration(), NewGeneration()] }, new Dictionary<string, object>()));
        return (await tables.WriteAsync(TableKeys.SystemTable, insert, cancellationToken)).Done;
    }

    /// <summary>Makes an account, for somebody who has just made its password.</summary>
    /// <returns>False when there is another of that name, which stays as it is.</returns>
    public async Task<bool> TryAddAsync(Account account, CancellationToken cancellationToken) =>
        await AddAsync(account, cancellationToken)
        // The one that is there may be ours, written by a call whose answer was lost: no other has this hash.
        || (await FindAsync(account.Name, cancellationToken))?.PasswordHashes[0] == account.PasswordHashes[0];

    /// <summary>Changes an account, whatever somebody else changes in it at the same time.</summary>
    /// <param name="name">Which.</param>
    /// <param name="change">From what it is to what it shall be; may be called more than once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What it has become; null when there is none.</returns>
    public Task<Account?> ChangeAsync(AccountName name, Func<Account, Account> change, CancellationToken cancellationToken) =>
        UpdateAsync(name, before => Renew(before, change(before)), cancellationToken);

    /// <summary>Deletes an account.</summary>
    /// <returns>False when there is none.</returns>
    public async Task<bool> DeleteAsync(AccountName name, CancellationToken cancellationToken) =>
        (await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Account(name), "*"), cancellationToken)).Done;

    /// <summary>Notes that the account signed in; written at most once an hour.</summary>
    /// <param name="account">As it was just read.</param>
    /// <param name="newHash">Another hash of the first password, which was just seen to be right; null leaves it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task NoteUseAsync(Account account, string? newHash, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow();
        if (newHash is null && now - account.LastUsed < s_lastUsedAccuracy) return;
        // Once: whoever wins a race here has noted the same.
        await TryUpdateAsync(account.Name, Note, cancellationToken);

        // The generations stay: the password is the same.
        Account Note(Account current)
        {
            // A password that was set meanwhile must not be replaced by an old one.
            var rehash = newHash is not null && current.PasswordHashes[0] == account.PasswordHashes[0];
            return current with { LastUsed = now, PasswordHashes = rehash ? [newHash, current.PasswordHashes[1]] : current.PasswordHashes };
        }
    }

    // Whoever has lost a password, was locked out or has other rights shall not go on with a refresh token from before. Equality and no times: the clocks of the tool, which
    // changes accounts, and of an instance, which gives out tokens, differ; and a sign-in that began before the change may end after it.
    private static Account Renew(Account before, Account after)
    {
        var all = (after.Disabled && !before.Disabled) || !after.Scopes.SequenceEqual(before.Scopes);
        return after with { Generations = [.. before.Generations.Select((old, slot) => all || after.PasswordHashes[slot] != before.PasswordHashes[slot] ? NewGeneration() : old)] };
    }

    private static string NewGeneration() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private Task<Account?> UpdateAsync(AccountName name, Func<Account, Account> change, CancellationToken cancellationToken) =>
        StorageRetry.RunAsync(() => TryUpdateAsync(name, change, cancellationToken), cancellationToken);

    private async Task<(bool Settled, Account? Account)> TryUpdateAsync(AccountName name, Func<Account, Account> change, CancellationToken cancellationToken)
    {
        if (await tables.FindAsync(TableKeys.SystemTable, TableKeys.Account(name), cancellationToken) is not { } row) return (true, null);
        var account = change(Read(row));
        var replace = new RowWrite.Replace(row.Key, ToProperties(account, row.Others(s_known.Contains)), row.ETag);
        return (await tables.WriteAsync(TableKeys.SystemTable, replace, cancellationToken)).Done ? (true, account) : default;
    }

    private static Dictionary<string, object> ToProperties(Account account, IReadOnlyDictionary<string, object> others)
    {
        var properties = new Dictionary<string, object>(others)
        {
            [RobotProperty] = account.IsRobot,
            [DisabledProperty] = account.Disabled,
            [ScopesProperty] = string.Join(' ', account.Scopes),
            [NewestProperty] = account.NewestPassword,
        };
        if (account.Expires is { } expires) properties[ExpiresProperty] = RowTime.Format(expires);
        if (account.LastUsed is { } used) properties[LastUsedProperty] = RowTime.Format(used);
        for (var slot = 0; slot < s_hashProperties.Length; slot++)
        {
            if (account.PasswordHashes[slot] is { } hash) properties[s_hashProperties[slot]] = hash;
            properties[s_generationProperties[slot]] = account.Generations[slot];
        }

        return properties;
    }

    private static Account Read(TableRow row) => new()
    {
        Name = AccountName.Parse(row.Key.Row),
        IsRobot = row.Properties.GetValueOrDefault(RobotProperty) is true,
        Disabled = row.Properties.GetValueOrDefault(DisabledProperty) is true,
        PasswordHashes = [.. s_hashProperties.Select(row.FindString)],
        NewestPassword = row.Properties.GetValueOrDefault(NewestProperty) is 1 ? 1 : 0,
        Scopes = row.GetString(ScopesProperty).Split(' ', StringSplitOptions.RemoveEmptyEntries),
        Expires = row.FindTime(ExpiresProperty),
        Generations = [.. s_generationProperties.Select(row.GetString)],
        LastUsed = row.FindTime(LastUsedProperty),
    };
}
