using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Accounts;

public sealed class AccountStoreTests
{
    private static readonly AccountName s_alice = AccountName.Parse("alice");

    private readonly FakeTimeProvider _time = new();
    private readonly AccountStore _accounts;

    public AccountStoreTests() => _accounts = new AccountStore(new InMemoryTableStore(_time), _time);

    [Fact]
    public async Task An_account_is_read_as_it_was_written()
    {
        var account = new Account { Name = s_alice, IsRobot = true, Disabled = true, PasswordHashes = [null, "two"], Scopes = ["b", "a"], Expires = _time.GetUtcNow().AddTicks(7) };
        Assert.True(await _accounts.AddAsync(account, default));
        var found = (await _accounts.FindAsync(s_alice, default))!;
        Assert.Equal(account.PasswordHashes, found.PasswordHashes);
        Assert.Equal(account.Scopes, found.Scopes);
        Assert.Equal((true, true, account.Expires, _time.GetUtcNow(), null), (found.IsRobot, found.Disabled, found.Expires, found.CredentialsChanged, found.LastUsed));
        Assert.Null(await _accounts.FindAsync(AccountName.Parse("Alice"), default));
    }

    [Fact]
    public async Task There_is_one_account_of_a_name()
    {
        Assert.True(await _accounts.AddAsync(new Account { Name = s_alice, Scopes = ["first"] }, default));
        Assert.False(await _accounts.AddAsync(new Account { Name = s_alice, Scopes = ["second"] }, default));
        Assert.Equal(["first"], (await _accounts.FindAsync(s_alice, default))!.Scopes);
        Assert.True(await _accounts.DeleteAsync(s_alice, default));
        Assert.False(await _accounts.DeleteAsync(s_alice, default));
        Assert.Null(await _accounts.ChangeAsync(s_alice, a => a, default));
    }

    [Fact]
    public async Task Accounts_are_listed_by_name()
    {
        foreach (var name in (string[])["b", "a", "C"]) await _accounts.AddAsync(new Account { Name = AccountName.Parse(name) }, default);
        Assert.Equal(["C", "a", "b"], await _accounts.ListAsync(default).Select(a => a.Name.ToString()).ToListAsync());
    }

    [Fact]
    public async Task Changes_at_the_same_time_all_count()
    {
        await _accounts.AddAsync(new Account { Name = s_alice }, default);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => _accounts.ChangeAsync(s_alice, a => a with { Scopes = [.. a.Scopes, $"s{i}"] }, default))));
        Assert.Equal(["s0", "s1", "s2", "s3", "s4", "s5"], (await _accounts.FindAsync(s_alice, default))!.Scopes.Order());
    }

    [Fact]
    public async Task Only_who_loses_a_password_or_is_locked_out_loses_what_it_gave()
    {
        await _accounts.AddAsync(new Account { Name = s_alice, PasswordHashes = ["one", null] }, default);
        var added = _time.GetUtcNow();
        foreach (var (change, loses) in ((Func<Account, Account>, bool)[])
            [
                (a => a with { Scopes = ["x"] }, false), (a => a with { Expires = added.AddDays(1) }, false), (a => a, false), (a => a with { PasswordHashes = ["two", null] }, true),
                (a => a with { PasswordHashes = ["two", "three"] }, true), (a => a with { Disabled = true }, true), (a => a with { Disabled = false }, false),
            ])
        {
            var before = (await _accounts.FindAsync(s_alice, default))!.CredentialsChanged;
            _time.Advance(TimeSpan.FromSeconds(1));
            var after = (await _accounts.ChangeAsync(s_alice, change, default))!.CredentialsChanged;
            Assert.Equal(loses ? _time.GetUtcNow() : before, after);
        }
    }

    [Fact]
    public async Task A_use_is_noted_to_the_hour()
    {
        await _accounts.AddAsync(new Account { Name = s_alice }, default);
        foreach (var (minutes, noted) in ((int, bool)[])[(0, true), (59, false), (1, true), (60, true)])
        {
            _time.Advance(TimeSpan.FromMinutes(minutes));
            await _accounts.NoteUseAsync((await _accounts.FindAsync(s_alice, default))!, null, default);
            Assert.Equal(noted, (await _accounts.FindAsync(s_alice, default))!.LastUsed == _time.GetUtcNow());
        }
    }

    [Fact]
    public async Task A_hash_is_replaced_only_where_it_is_still_the_same()
    {
        await _accounts.AddAsync(new Account { Name = s_alice, PasswordHashes = ["old", "other"] }, default);
        var seen = (await _accounts.FindAsync(s_alice, default))!;
        await _accounts.NoteUseAsync(seen, "new", default);
        Assert.Equal(["new", "other"], (await _accounts.FindAsync(s_alice, default))!.PasswordHashes);
        await _accounts.NoteUseAsync(seen, "newer", default);
        Assert.Equal(["new", "other"], (await _accounts.FindAsync(s_alice, default))!.PasswordHashes);
        await _accounts.DeleteAsync(s_alice, default);
        await _accounts.NoteUseAsync(seen, "newest", default);
        Assert.Null(await _accounts.FindAsync(s_alice, default));
    }

    [Fact]
    public void An_account_is_active_until_its_end_unless_it_is_locked()
    {
        var (now, account) = (_time.GetUtcNow(), new Account { Name = s_alice });
        Assert.True(account.IsActive(now));
        Assert.True((account with { Expires = now.AddTicks(1) }).IsActive(now));
        Assert.False((account with { Expires = now }).IsActive(now));
        Assert.False((account with { Disabled = true }).IsActive(now));
    }
}
