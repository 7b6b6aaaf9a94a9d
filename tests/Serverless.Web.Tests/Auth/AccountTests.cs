using System.Net;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Users, robots and their passwords.</summary>
public abstract class AccountTests(IStorageKind storage) : AuthTest(storage)
{
    private const string Scope = "repository:team/app:pull,push";

    [Fact]
    public async Task A_robot_has_two_passwords_so_that_one_can_be_replaced_while_the_other_is_in_use()
    {
        var (first, second, third) = (RobotPassword.New(0), RobotPassword.New(1), RobotPassword.New(0));
        await AddRobotAsync(null, first, second);
        await GrantedAsync(first, Scope);
        await GrantedAsync(second, Scope);
        await Accounts.ChangeAsync(Robot, a => a with { PasswordHashes = [RobotPassword.Hash(third), a.PasswordHashes[1]] }, default);
        await RefusedAsync(first);
        await GrantedAsync(second, Scope);
        await GrantedAsync(third, Scope);
        await Accounts.ChangeAsync(Robot, a => a with { PasswordHashes = [a.PasswordHashes[0], null] }, default);
        await RefusedAsync(second);
        await GrantedAsync(third, Scope);
    }

    [Fact]
    public async Task A_robot_ends_at_its_time()
    {
        var password = RobotPassword.New(0);
        await AddRobotAsync(Time.GetUtcNow().AddHours(1), password, null);
        Time.Advance(TimeSpan.FromMinutes(59));
        await GrantedAsync(password, Scope);
        Time.Advance(TimeSpan.FromMinutes(1));
        await RefusedAsync(password);
    }

    [Fact]
    public async Task A_robot_that_is_locked_or_gone_gets_no_token_and_its_old_one_dies_at_its_end()
    {
        var password = RobotPassword.New(0);
        foreach (var end in (Func<Task>[])
            [
                async () => Assert.NotNull(await Accounts.ChangeAsync(Robot, a => a with { Disabled = true }, default)),
                async () => Assert.True(await Accounts.DeleteAsync(Robot, default)),
            ])
        {
            await Accounts.DeleteAsync(Robot, default);
            await AddRobotAsync(null, password, null);
            var token = await GrantedAsync(password, Scope);
            await end();
            await RefusedAsync(password);
            await DiesAtItsEndAsync(token);
        }
    }

    [Fact]
    public async Task A_right_that_is_taken_away_is_missing_in_the_next_token()
    {
        await AddUserAsync("alice", "team/*:pull,push", "more/*:pull");
        var old = await SignInAsync("alice", Scope);
        Assert.Equal([Scope], Access(old));
        await ScopeMaps.SetAsync("alice", Rights("team/*:pull"), default);
        Assert.Equal(["repository:team/app:pull"], Access(await SignInAsync("alice", Scope)));
        await Accounts.ChangeAsync(AccountName.Parse("alice"), a => a with { Scopes = [] }, default);
        Assert.Empty(Access(await SignInAsync("alice", Scope)));
        await DiesAtItsEndAsync(old);
    }

    [Fact]
    public async Task A_removed_right_is_missing_in_what_a_refresh_token_gives()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        using var first = await GetTokenAsync("alice", "offline_token=true");
        var refresh = await PropertyAsync(first, "refresh_token");
        await ScopeMaps.DeleteAsync("alice", default);
        using var second = await ExpectAsync(PostTokenAsync(("grant_type", "refresh_token"), ("scope", Scope), ("refresh_token", refresh)), HttpStatusCode.OK);
        Assert.Empty(Access(await PropertyAsync(second, "access_token")));
        await Accounts.DeleteAsync(AccountName.Parse("alice"), default);
        await ExpectAsync(PostTokenAsync(("grant_type", "refresh_token"), ("scope", Scope), ("refresh_token", refresh)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        // Nor does it come back with somebody else of the same name.
        Time.Advance(TimeSpan.FromSeconds(1));
        await AddUserAsync("alice", "team/*:pull");
        await ExpectAsync(PostTokenAsync(("grant_type", "refresh_token"), ("scope", Scope), ("refresh_token", refresh)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    private static AccountName Robot => AccountName.Parse("robot");

    private async Task AddRobotAsync(DateTimeOffset? expires, string first, string? second)
    {
        await ScopeMaps.SetAsync("robot", Rights("team/*:pull,push"), default);
        var hashes = (string?[])[RobotPassword.Hash(first), second is null ? null : RobotPassword.Hash(second)];
        Assert.True(await Accounts.AddAsync(new Account { Name = Robot, IsRobot = true, PasswordHashes = hashes, Scopes = ["robot"], Expires = expires }, default));
    }

    private async Task<string> GrantedAsync(string password, string scope)
    {
        using var answer = await ExpectAsync(GetTokenAsync("robot", "scope=" + scope, password), HttpStatusCode.OK);
        var token = await PropertyAsync(answer, "token");
        Assert.Equal([scope], Access(token));
        return token;
    }

    private async Task RefusedAsync(string password) => (await ExpectAsync(GetTokenAsync("robot", "scope=" + Scope, password), HttpStatusCode.Unauthorized, "UNAUTHORIZED")).Dispose();

    /// <summary>An access token lives for five minutes, and a minute more for clocks that differ.</summary>
    private async Task DiesAtItsEndAsync(string token)
    {
        Time.Advance(TimeSpan.FromMinutes(6) - TimeSpan.FromSeconds(2));
        await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/", headers: Bearer(token)), HttpStatusCode.Accepted);
        Time.Advance(TimeSpan.FromSeconds(2));
        using var answer = await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/", headers: Bearer(token)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.EndsWith(",error=\"invalid_token\"", Header(answer, "WWW-Authenticate"), StringComparison.Ordinal);
    }
}

public sealed class AccountTestsInMemory(InMemoryStorage storage) : AccountTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class AccountTestsOnAzurite(AzuriteStorage storage) : AccountTests(storage);
