using System.Text.Json;
using Serverless.Registry.Access;
using Serverless.Testing;
using Xunit;

namespace Serverless.Cli.Tests;

public abstract class UserTests : CliTest
{
    [Fact]
    public async Task Add_makes_a_user_who_can_sign_in()
    {
        await ScopeMaps.SetAsync("team", new AccessRights([AccessRule.Parse("team/*:pull")]), CancellationToken.None);
        var run = await RunWithInputAsync(Password + "\n", "users", "add", "alice", "--scope", "team");
        Assert.Equal(new CliRun(ExitCode.Done, "", "Added the user alice, with the scope maps team.\n"), run);
        var account = await GetAsync("alice");
        Assert.False(account.IsRobot);
        Assert.Equal(["team"], account.Scopes);
        Assert.True(await FitsAsync("alice", Password));
        Assert.False(await FitsAsync("alice", Password + "\n"));
    }

    [Fact]
    public async Task Add_leaves_an_account_of_that_name_as_it_is()
    {
        await AddUserAsync("alice");
        var run = await RunWithInputAsync("another one\n", "users", "add", "alice");
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There is an account 'alice' already.\n"), run);
        Assert.True(await FitsAsync("alice", Password));
    }

    [Fact]
    public async Task Add_warns_of_a_scope_map_that_is_not_there()
    {
        var run = await RunWithInputAsync(Password, "users", "add", "alice", "--scope", "team", "--scope", "team");
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.StartsWith("Warning: There is no scope map 'team'.", run.Error, StringComparison.Ordinal);
        Assert.Equal(["team"], (await GetAsync("alice")).Scopes);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("-alice")]
    [InlineData("")]
    public async Task A_name_that_is_none_is_bad_usage(string name)
    {
        var run = await RunWithInputAsync(Password, "users", "add", "--", name);
        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("is no name for an account", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_has_a_line_with_tabs_for_each_user()
    {
        await AddUserAsync("bob");
        await AddUserAsync("alice", "team", "ops");
        await RunAsync("robots", "add", "ci");
        await RunAsync("users", "disable", "bob");
        await Accounts.NoteUseAsync(await GetAsync("alice"), null, CancellationToken.None);
        var run = await RunAsync("users", "list");
        Assert.Equal(new CliRun(ExitCode.Done, "alice\tactive\tteam ops\t2026-01-01T00:00:00Z\nbob\tdisabled\t-\t-\n", ""), run);
    }

    [Fact]
    public async Task List_as_json_has_the_same()
    {
        await AddUserAsync("alice", "team");
        using var json = JsonDocument.Parse((await RunAsync("users", "list", "--json")).Out);
        var user = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal("alice", user.GetProperty("name").GetString());
        Assert.Equal("active", user.GetProperty("state").GetString());
        Assert.Equal("team", user.GetProperty("scopes")[0].GetString());
        Assert.Equal(JsonValueKind.Null, user.GetProperty("lastUsed").ValueKind);
    }

    [Fact]
    public async Task List_on_a_terminal_is_a_table_with_titles()
    {
        await AddUserAsync("alice", "team");
        var run = await RunOnTerminalAsync("", "users", "list");
        Assert.Contains("scope maps", run.Out, StringComparison.Ordinal);
        Assert.Contains("alice", run.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\t', run.Out);
    }

    [Fact]
    public async Task Disable_locks_out_and_enable_lets_in_again()
    {
        await AddUserAsync("alice");
        Assert.Equal("The user alice is disabled.\n", (await RunAsync("users", "disable", "alice")).Error);
        Assert.True((await GetAsync("alice")).Disabled);
        Assert.Equal("The user alice is active.\n", (await RunAsync("users", "enable", "alice")).Error);
        Assert.False((await GetAsync("alice")).Disabled);
    }

    [Fact]
    public async Task Passwd_sets_another_password_and_ends_refresh_tokens_from_before()
    {
        await AddUserAsync("alice");
        var before = await GetAsync("alice");
        var run = await RunWithInputAsync("another one\r\n", "users", "passwd", "alice");
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.False(await FitsAsync("alice", Password));
        Assert.True(await FitsAsync("alice", "another one"));
        Assert.NotEqual(before.Generations[0], (await GetAsync("alice")).Generations[0]);
    }

    [Fact]
    public async Task Remove_deletes_the_user()
    {
        await AddUserAsync("alice");
        Assert.Equal(ExitCode.Done, (await RunAsync("users", "remove", "alice")).Code);
        Assert.Null(await Accounts.FindAsync(AccountName.Parse("alice"), CancellationToken.None));
    }

    [Fact]
    public async Task Scopes_replaces_them_all()
    {
        await AddUserAsync("alice", "old");
        var run = await RunAsync("users", "scopes", "alice", "--scope", "team", "ops", "--scope", "more");
        Assert.EndsWith("The user alice has the scope maps team, ops, more.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal(["team", "ops", "more"], (await GetAsync("alice")).Scopes);
        Assert.Equal("The user alice has no scope maps.\n", (await RunAsync("users", "scopes", "alice", "--none")).Error);
        Assert.Empty((await GetAsync("alice")).Scopes);
    }

    [Theory]
    [InlineData]
    [InlineData("--none", "--scope", "team")]
    [InlineData("--scope")]
    [InlineData("--scope", "two words")]
    public async Task Scopes_that_say_nothing_clear_change_nothing(params string[] options)
    {
        await AddUserAsync("alice", "old");
        Assert.Equal(ExitCode.Usage, (await RunAsync(["users", "scopes", "alice", .. options])).Code);
        Assert.Equal(["old"], (await GetAsync("alice")).Scopes);
    }

    [Theory]
    [InlineData("disable")]
    [InlineData("enable")]
    [InlineData("passwd")]
    [InlineData("remove")]
    [InlineData("scopes", "--none")]
    public async Task What_is_not_a_user_is_refused(string command, params string[] options)
    {
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There is no user 'nobody'.\n"), await RunWithInputAsync(Password, ["users", command, "nobody", .. options]));
        await RunAsync("robots", "add", "ci");
        var run = await RunWithInputAsync(Password, ["users", command, "ci", .. options]);
        Assert.Equal(new CliRun(ExitCode.Refused, "", "'ci' is a robot; its commands are below 'registry robots'.\n"), run);
    }
}

public sealed class StoredUserTests : UserTests
{
    [Fact]
    public async Task Add_whose_answer_was_lost_is_done_all_the_same()
    {
        Probe.FailAt(1, StorageFault.Replay);
        var run = await RunWithInputAsync(Password, "users", "add", "alice");
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.True(await FitsAsync("alice", Password));
    }
}

public sealed class ApiUserTests : UserTests
{
    private protected override bool OverApi => true;
}
