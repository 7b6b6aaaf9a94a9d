using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Xunit;

namespace Serverless.Registry.Tests.Accounts;

public sealed class RefreshTokenStoreTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryTableStore _tables;
    private readonly RefreshTokenStore _tokens;

    public RefreshTokenStoreTests()
    {
        _tables = new InMemoryTableStore(_time);
        _tokens = new RefreshTokenStore(_tables, _time);
    }

    [Fact]
    public async Task A_token_stands_for_its_subject_at_its_service_until_it_ends()
    {
        var token = await IssueAsync("alice");
        Assert.Equal(new RefreshToken("alice", "here", _time.GetUtcNow().AddHours(1), _time.GetUtcNow().AddHours(3), new RefreshOrigin.Password("g")), await _tokens.FindAsync(token, "here", default));
        Assert.Null(await _tokens.FindAsync(token, "there", default));
        Assert.Null(await _tokens.FindAsync(token + "x", "here", default));
        _time.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(1));
        Assert.NotNull(await _tokens.FindAsync(token, "here", default));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await _tokens.FindAsync(token, "here", default));
    }

    [Fact]
    public async Task A_token_lives_on_from_each_use_up_to_a_maximum()
    {
        var token = await IssueAsync("alice");
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(50));
            await UseAsync(token);
        }

        _time.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromTicks(1));
        Assert.NotNull(await _tokens.FindAsync(token, "here", default));
        _time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(await _tokens.FindAsync(token, "here", default));
    }

    [Fact]
    public async Task A_use_is_noted_when_a_24th_of_the_life_has_gone_by_and_not_before()
    {
        var token = await IssueAsync("alice");
        var before = await RowAsync();
        _time.Advance(TimeSpan.FromMinutes(2));
        await UseAsync(token);
        Assert.Equal(before, await RowAsync());
        _time.Advance(TimeSpan.FromMinutes(0.5));
        await UseAsync(token);
        Assert.NotEqual(before, await RowAsync());

        async Task<string> RowAsync()
        {
            await foreach (var row in _tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.RefreshTokenPartition, ""), default)) return row.ETag;
            return "";
        }
    }

    [Fact]
    public async Task A_use_brings_no_token_back_that_was_taken_back_meanwhile()
    {
        var token = await IssueAsync("alice");
        var found = (await _tokens.FindAsync(token, "here", default))!;
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.True(await _tokens.RevokeAsync(token, default));
        await _tokens.NoteUseAsync(token, found, TimeSpan.FromHours(1), default);
        Assert.Null(await _tokens.FindAsync(token, "here", default));
        Assert.Equal(0, await _tokens.PurgeAsync("alice", default));
    }

    [Fact]
    public async Task Rules_are_kept_for_who_has_no_account()
    {
        var token = await _tokens.IssueAsync("forge:x", "here", TimeSpan.FromHours(1), TimeSpan.FromHours(3), new RefreshOrigin.Federation(["a", "b"]), default);
        Assert.Equal(["a", "b"], Assert.IsType<RefreshOrigin.Federation>((await _tokens.FindAsync(token, "here", default))!.Origin).Rules);
    }

    [Fact]
    public async Task The_token_itself_is_kept_nowhere()
    {
        var token = await IssueAsync("alice");
        Assert.Matches("^srr_[A-Za-z0-9_-]{43}$", token);
        await foreach (var row in _tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(null, ""), default))
        {
            Assert.DoesNotContain(token, row.Key + string.Join(' ', row.Properties.Values), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("../x")]
    [InlineData("x' or PartitionKey ne '")]
    public async Task What_was_never_given_out_stands_for_nobody(string token)
    {
        await IssueAsync("alice");
        Assert.Null(await _tokens.FindAsync(token, "here", default));
        Assert.False(await _tokens.RevokeAsync(token, default));
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_not_looked_up() =>
        // Without a store to go to, going there would throw.
        Assert.Null(await new RefreshTokenStore(null!, _time).FindAsync(new string('x', 101), "here", default));

    [Fact]
    public async Task A_token_that_was_taken_back_is_gone()
    {
        var (one, two) = (await IssueAsync("alice"), await IssueAsync("alice"));
        Assert.True(await _tokens.RevokeAsync(one, default));
        Assert.False(await _tokens.RevokeAsync(one, default));
        Assert.Null(await _tokens.FindAsync(one, "here", default));
        Assert.NotNull(await _tokens.FindAsync(two, "here", default));
    }

    [Fact]
    public async Task All_tokens_of_a_subject_or_all_that_have_ended_are_taken_back()
    {
        var old = await IssueAsync("alice");
        _time.Advance(TimeSpan.FromMinutes(30));
        var (alice, bob) = (await IssueAsync("alice"), await IssueAsync("bob"));
        Assert.Equal(0, await _tokens.PurgeAsync(null, default));
        _time.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(1, await _tokens.PurgeAsync(null, default));
        Assert.False(await _tokens.RevokeAsync(old, default));
        Assert.Equal(1, await _tokens.PurgeAsync("alice", default));
        Assert.Null(await _tokens.FindAsync(alice, "here", default));
        Assert.NotNull(await _tokens.FindAsync(bob, "here", default));
    }

    private async Task UseAsync(string token) => await _tokens.NoteUseAsync(token, (await _tokens.FindAsync(token, "here", default))!, TimeSpan.FromHours(1), default);

    private Task<string> IssueAsync(string subject) => _tokens.IssueAsync(subject, "here", TimeSpan.FromHours(1), TimeSpan.FromHours(3), new RefreshOrigin.Password("g"), default);
}
