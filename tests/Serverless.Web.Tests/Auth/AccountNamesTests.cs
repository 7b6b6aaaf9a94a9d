using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage.InMemory;
using Serverless.Web.Auth.Tokens;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>The names that there are, from memory.</summary>
public sealed class AccountNamesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly AccountStore _accounts;
    private readonly AccountNames _names;

    public AccountNamesTests()
    {
        _accounts = new AccountStore(new InMemoryTableStore(_time), _time);
        _names = new AccountNames(_accounts, _time);
    }

    [Fact]
    public async Task They_are_read_again_after_half_a_minute()
    {
        await AddAsync("alice");
        Assert.True(await _names.MayHaveAsync("alice", default));
        await AddAsync("bob");
        Assert.False(await _names.MayHaveAsync("bob", default));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.True(await _names.MayHaveAsync("bob", default));
        Assert.False(await _names.MayHaveAsync("Bob", default));
    }

    [Theory]
    [InlineData(AccountNames.Most, false)]
    [InlineData(AccountNames.Most + 1, true)]
    public async Task Of_too_many_to_remember_each_may_be_one(int count, bool mayBe)
    {
        for (var i = 0; i < count; i++) await AddAsync($"user{i}");
        Assert.True(await _names.MayHaveAsync("user0", default));
        Assert.Equal(mayBe, await _names.MayHaveAsync("nobody", default));
    }

    public void Dispose() => _names.Dispose();

    private async Task AddAsync(string name) => Assert.True(await _accounts.AddAsync(new Account { Name = AccountName.Parse(name) }, default));
}
