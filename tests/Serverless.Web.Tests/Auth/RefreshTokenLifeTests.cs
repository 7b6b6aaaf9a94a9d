using System.Net;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Storage;
using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>A refresh token ends with what it was given for, whatever any clock says.</summary>
public abstract class RefreshTokenLifeTests(IStorageKind storage) : AuthTest(storage)
{
    private static readonly AccountName s_alice = AccountName.Parse("alice");

    [Fact]
    public async Task A_new_password_a_lock_and_other_scope_maps_end_refresh_tokens_in_the_same_instant()
    {
        foreach (var change in (Func<Account, Account>[])
            [a => a with { PasswordHashes = [PasswordHashes.Hash("another"), null] }, a => a with { Disabled = true }, a => a with { Scopes = ["other"] }])
        {
            await AddUserAsync("alice", "team/*:pull");
            var refresh = await SignInForLongAsync(Registry, "alice", Password);
            await ExpectAsync(RefreshAsync(refresh), HttpStatusCode.OK);
            await Accounts.ChangeAsync(s_alice, change, default);
            await ExpectAsync(RefreshAsync(refresh), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            // Nor is it given back by whoever unlocks the account.
            await Accounts.ChangeAsync(s_alice, a => a with { Disabled = false }, default);
            await ExpectAsync(RefreshAsync(refresh), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            await Accounts.DeleteAsync(s_alice, default);
        }
    }

    [Fact]
    public async Task A_clock_of_the_tool_that_is_behind_saves_no_refresh_token()
    {
        await AddUserAsync("alice", "team/*:pull");
        var refresh = await SignInForLongAsync(Registry, "alice", Password);
        var tool = new AccountStore(Registry.Stores.Tables, new Serverless.Testing.ManualTimeProvider());
        await tool.ChangeAsync(s_alice, a => a with { PasswordHashes = [PasswordHashes.Hash("another"), null] }, default);
        await ExpectAsync(RefreshAsync(refresh), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Whoever_signs_in_while_the_password_is_changed_gets_a_refresh_token_that_is_dead()
    {
        await AddUserAsync("alice", "team/*:pull");
        var tables = new ChangingTableStore(Registry.Stores.Tables, () => Accounts.ChangeAsync(s_alice, a => a with { PasswordHashes = [PasswordHashes.Hash("another"), null] }, default));
        await using var registry = await RegistryServer.StartAsync((tables, Registry.Stores.Objects), Time, Settings);
        var refresh = await SignInForLongAsync(registry, "alice", Password);
        await ExpectAsync(RefreshAsync(refresh), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(RefreshAsync(await SignInForLongAsync(Registry, "alice", "another")), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refresh_token_of_a_robot_holds_as_long_as_the_password_that_it_was_given_for()
    {
        var (first, second) = (RobotPassword.New(0), RobotPassword.New(1));
        var robot = new Account { Name = AccountName.Parse("ci"), IsRobot = true, PasswordHashes = [RobotPassword.Hash(first), RobotPassword.Hash(second)] };
        await Accounts.AddAsync(robot, default);
        var (old, newer) = (await SignInForLongAsync(Registry, "ci", first), await SignInForLongAsync(Registry, "ci", second));
        await Accounts.ChangeAsync(robot.Name, a => a with { PasswordHashes = [RobotPassword.Hash(RobotPassword.New(0)), a.PasswordHashes[1]] }, default);
        await ExpectAsync(RefreshAsync(old), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(RefreshAsync(newer), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_refresh_token_lives_on_from_its_last_use_up_to_a_maximum()
    {
        await AddUserAsync("alice", "team/*:pull");
        var (used, left) = (await SignInForLongAsync(Registry, "alice", Password), await SignInForLongAsync(Registry, "alice", Password));
        for (var day = 0; day < 180; day += 20)
        {
            Time.Advance(TimeSpan.FromDays(20) - TimeSpan.FromSeconds(1));
            await ExpectAsync(RefreshAsync(used), HttpStatusCode.OK);
        }

        await ExpectAsync(RefreshAsync(left), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Time.Advance(TimeSpan.FromSeconds(10));
        await ExpectAsync(RefreshAsync(used), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("00:00:00")]
    public async Task Where_refresh_tokens_are_switched_off_none_is_given_and_none_holds(string zero)
    {
        await AddUserAsync("alice", "team/*:pull");
        var refresh = await SignInForLongAsync(Registry, "alice", Password);
        await using var without = await StartAnotherAsync("Auth:Token:RefreshLifetime=" + zero);
        using var answer = await ExpectAsync(without.SendAsync("GET", "/token?offline_token=true", headers: Basic("alice", Password)), HttpStatusCode.OK);
        Assert.DoesNotContain("refresh_token", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await ExpectAsync(without.SendAsync("GET", "/token", headers: Basic("alice", refresh)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(RefreshAsync(refresh), HttpStatusCode.OK);
    }

    private Task<HttpResponseMessage> RefreshAsync(string token) => PostTokenAsync(("grant_type", "refresh_token"), ("refresh_token", token));

    private static async Task<string> SignInForLongAsync(RegistryServer registry, string user, string password)
    {
        using var answer = await ExpectAsync(registry.SendAsync("GET", "/token?offline_token=true", headers: Basic(user, password)), HttpStatusCode.OK);
        return await PropertyAsync(answer, "refresh_token");
    }

    /// <summary>Something happens just before a refresh token is written.</summary>
    private sealed class ChangingTableStore(ITableStore inner, Func<Task> change) : ITableStore
    {
        public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken) => inner.FindAsync(table, key, cancellationToken);

        public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken) => inner.QueryAsync(table, query, continuation, cancellationToken);

        public async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
        {
            if (write.Key.Partition == TableKeys.RefreshTokenPartition) await change();
            return await inner.WriteAsync(table, write, cancellationToken);
        }

        public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) => inner.WriteAsync(table, batch, cancellationToken);
    }
}

public sealed class RefreshTokenLifeTestsInMemory(InMemoryStorage storage) : RefreshTokenLifeTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class RefreshTokenLifeTestsOnAzurite(AzuriteStorage storage) : RefreshTokenLifeTests(storage);
