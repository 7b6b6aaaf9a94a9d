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
        Assert.Equal((true, true, account.Expires, null), (found.IsRobot, found.Disabled, found.Expires, found.LastUsed));
        Assert.Equal(2, found.Generations.Distinct().Count());
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
    public async Task What_a_password_gave_ends_with_it_and_all_of_it_with_a_lock_or_other_scope_maps_and_with_nothing_else()
    {
        await _accounts.AddAsync(new Account { Name = s_alice, PasswordHashes = ["one", null] }, default);
        foreach (var (change, first, second) in ((Func<Account, Account>, bool, bool)[])
            [
                (a => a with { Expires = _time.GetUtcNow().AddDays(1) }, false, false), (a => a, false, false), (a => a with { PasswordHashes = ["two", null] }, true, false),
                (a => a with { PasswordHashes = ["two", "three"] }, false, true), (a => a with { Scopes = ["x"] }, true, true), (a => a with { Scopes = ["x"] }, false, false),
                (a => a with { Disabled = true }, true, true), (a => a with { Disabled = false }, false, false),
            ])
        {
            var before = (await _accounts.FindAsync(s_alice, default))!.Generations;
            var after = (await _accounts.ChangeAsync(s_alice, change, default))!.Generations;
            Assert.Equal((first, second), (before[0] != after[0], before[1] != after[1]));
            Assert.Equal(after, (await _accounts.FindAsync(s_alice, default))!.Generations);
        }
    }

    [Fact]
    public async Task Another_account_of_the_same_name_has_nothing_of_what_the_first_gave()
    {
        await _accounts.AddAsync(new Account { Name = s_alice }, default);
        var first = (await _accounts.FindAsync(s_alice, default))!.Generations;
        await _accounts.DeleteAsync(s_alice, default);
        await _accounts.AddAsync(new Account { Name = s_alice, Generations = first }, default);
        Assert.Empty((await _accounts.FindAsync(s_alice, default))!.Generations.Intersect(first));
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
        // The password is the same, so what it gave holds on.
        Assert.Equal(seen.Generations, (await _accounts.FindAsync(s_alice, default))!.Generations);
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
