using System.Text.Json;
using Serverless.Testing;
using Xunit;

namespace Serverless.Cli.Tests;

public abstract class RobotTests : CliTest
{
    [Fact]
    public async Task Add_prints_the_password_and_nothing_else_to_standard_output()
    {
        var run = await RunAsync("robots", "add", "ci");
        Assert.Equal(ExitCode.Done, run.Code);
        Assert.Matches(@"\Asr0_[A-Za-z0-9_-]{43}\n\z", run.Out);
        var account = await GetAsync("ci");
        Assert.True(account.IsRobot);
        Assert.Null(account.Expires);
        Assert.True(await FitsAsync("ci", run.Out.Trim()));
    }

    [Fact]
    public async Task Add_leaves_an_account_of_that_name_as_it_is()
    {
        await AddUserAsync("ci");
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There is an account 'ci' already.\n"), await RunAsync("robots", "add", "ci"));
        Assert.False((await GetAsync("ci")).IsRobot);
    }

    [Theory]
    [InlineData("90m", "2026-01-01T01:30:00Z")]
    [InlineData("12h", "2026-01-01T12:00:00Z")]
    [InlineData("90d", "2026-04-01T00:00:00Z")]
    [InlineData("2w", "2026-01-15T00:00:00Z")]
    [InlineData("1.12:00:00", "2026-01-02T12:00:00Z")]
    [InlineData("2027-01-31", "2027-01-31T00:00:00Z")]
    [InlineData("2027-01-31T12:00Z", "2027-01-31T12:00:00Z")]
    [InlineData("2027-01-31T12:00:30+02:00", "2027-01-31T10:00:30Z")]
    public async Task A_robot_ends_after_a_time_or_at_one(string expires, string end)
    {
        Assert.Equal(ExitCode.Done, (await RunAsync("robots", "add", "ci", "--expires", expires)).Code);
        Assert.Equal($"ci\tactive\t-\t1\t{end}\t-\n", (await RunAsync("robots", "list")).Out);
    }

    [Theory]
    [InlineData("90")]
    [InlineData("0d")]
    [InlineData("-1.00:00:00")]
    [InlineData("999999w")]
    [InlineData("10675199.00:00:00")]
    [InlineData("2027-02-30")]
    [InlineData("2025-12-31")]
    [InlineData("tomorrow")]
    public async Task A_time_that_is_none_or_has_passed_is_bad_usage(string expires)
    {
        var run = await RunAsync("robots", "add", "ci", "--expires=" + expires);
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.Equal("", (await RunAsync("robots", "list")).Out);
    }

    [Fact]
    public async Task Rotate_always_leaves_the_newer_password_in_use()
    {
        List<string> passwords = [(await RunAsync("robots", "add", "ci")).Out.Trim()];
        for (var i = 1; i <= 6; i++)
        {
            var run = await RunAsync("robots", "rotate", "ci");
            Assert.Equal(ExitCode.Done, run.Code);
            Assert.Matches($@"\Asr{i % 2}_[A-Za-z0-9_-]{{43}}\n\z", run.Out);
            passwords.Add(run.Out.Trim());
            for (var p = 0; p <= i; p++) Assert.Equal(p >= i - 1, await FitsAsync("ci", passwords[p]));
        }
    }

    [Fact]
    public async Task Rotate_ends_the_refresh_tokens_of_the_password_that_it_replaces_and_keeps_the_rest()
    {
        await RunAsync("robots", "add", "ci", "--scope", "team", "--expires", "90d");
        var first = (await GetAsync("ci")).Generations;
        await RunAsync("robots", "rotate", "ci");
        var second = (await GetAsync("ci")).Generations;
        Assert.Equal((true, false), (first[0] == second[0], first[1] == second[1]));
        await RunAsync("robots", "rotate", "ci");
        var account = await GetAsync("ci");
        Assert.Equal((false, true), (second[0] == account.Generations[0], second[1] == account.Generations[1]));
        Assert.Equal(["team"], account.Scopes);
        Assert.Equal(new DateTimeOffset(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), account.Expires);
    }

    [Fact]
    public async Task List_tells_who_has_expired()
    {
        await RunAsync("robots", "add", "ci", "--expires", "1h");
        await AddUserAsync("alice");
        Time.Advance(TimeSpan.FromHours(1));
        using var json = JsonDocument.Parse((await RunAsync("robots", "list", "--json")).Out);
        var robot = Assert.Single(json.RootElement.EnumerateArray());
        Assert.Equal("expired", robot.GetProperty("state").GetString());
        Assert.Equal(1, robot.GetProperty("passwords").GetInt32());
    }

    [Theory]
    [InlineData("rotate")]
    [InlineData("disable")]
    [InlineData("remove")]
    public async Task What_is_not_a_robot_is_refused(string command)
    {
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There is no robot 'nobody'.\n"), await RunAsync("robots", command, "nobody"));
        await AddUserAsync("alice");
        Assert.Equal(new CliRun(ExitCode.Refused, "", "'alice' is a user; its commands are below 'registry users'.\n"), await RunAsync("robots", command, "alice"));
        Assert.True(await FitsAsync("alice", Password));
    }
}

public sealed class StoredRobotTests : RobotTests
{
    [Fact]
    public async Task Rotate_whose_answer_was_lost_replaces_one_password_only()
    {
        var first = (await RunAsync("robots", "add", "ci")).Out.Trim();
        var second = (await RunAsync("robots", "rotate", "ci")).Out.Trim();
        // One look at what it is, one before the change, then the change.
        Probe.Reset();
        Probe.FailAt(2, StorageFault.Replay);
        var third = (await RunAsync("robots", "rotate", "ci")).Out.Trim();
        Assert.False(await FitsAsync("ci", first));
        Assert.True(await FitsAsync("ci", second));
        Assert.True(await FitsAsync("ci", third));
    }
}

public sealed class ApiRobotTests : RobotTests
{
    private protected override bool OverApi => true;
}
