using Serverless.Web.Auth.Passwords;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class PasswordPromptTests : CliTest
{
    [Fact]
    public async Task On_a_terminal_it_is_asked_for_twice_and_not_shown()
    {
        var run = await RunOnTerminalAsync("secrets!\nsecrets!\n", "users", "add", "alice");
        Assert.Equal(new CliRun(ExitCode.Done, "", "Password: \nThe same again: \nAdded the user alice, with no scope maps.\n"), run);
        Assert.True(await FitsAsync("alice", "secrets!"));
    }

    [Fact]
    public async Task Backspace_takes_the_last_character_back()
    {
        await RunOnTerminalAsync("\b\bsecrets!x\b🙂\b\nsecrets!\n", "users", "add", "alice");
        Assert.True(await FitsAsync("alice", "secrets!"));
    }

    [Fact]
    public async Task Two_that_differ_are_refused()
    {
        var run = await RunOnTerminalAsync("secrets!\nsecrest!\n", "users", "add", "alice");
        Assert.Equal(ExitCode.Refused, run.Code);
        Assert.EndsWith("The two passwords differ. Nothing was changed.\n", run.Error, StringComparison.Ordinal);
        Assert.Equal("", (await RunAsync("users", "list")).Out);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public async Task An_empty_one_is_refused(string input)
    {
        Assert.Equal(new CliRun(ExitCode.Refused, "", "The password is empty. Nothing was changed.\n"), await RunWithInputAsync(input, "users", "add", "alice"));
        await AddUserAsync("bob");
        Assert.Equal(ExitCode.Refused, (await RunWithInputAsync(input, "users", "passwd", "bob")).Code);
        Assert.True(await FitsAsync("bob", Password));
    }

    [Fact]
    public async Task One_of_fewer_than_eight_characters_is_refused()
    {
        foreach (var password in (string[])["secret!", "ääääääü", "🙂🙂🙂🙂🙂🙂🙂"])
        {
            Assert.Equal(new CliRun(ExitCode.Refused, "", "The password has fewer than 8 characters. Nothing was changed.\n"), await RunWithInputAsync(password, "users", "add", "alice"));
        }

        Assert.Equal(ExitCode.Done, (await RunWithInputAsync("🙂🙂🙂🙂🙂🙂🙂🙂", "users", "add", "alice")).Code);
        Assert.Equal(ExitCode.Refused, (await RunWithInputAsync("secret!", "users", "passwd", "alice")).Code);
        Assert.True(await FitsAsync("alice", "🙂🙂🙂🙂🙂🙂🙂🙂"));
    }

    [Fact]
    public async Task It_is_measured_in_bytes()
    {
        Assert.Equal(ExitCode.Done, (await RunWithInputAsync(new string('ä', 128), "users", "add", "alice")).Code);
        var run = await RunWithInputAsync(new string('ä', 128) + "a", "users", "add", "bob");
        Assert.Equal(new CliRun(ExitCode.Refused, "", "The password is longer than 256 bytes. Nothing was changed.\n"), run);
    }

    [Fact]
    public async Task One_that_looks_like_a_robots_is_refused()
    {
        var run = await RunWithInputAsync(RobotPassword.New(0), "users", "add", "alice");
        Assert.Equal(new CliRun(ExitCode.Refused, "", "The password has the form of a robot's. Nothing was changed.\n"), run);
    }

    [Fact]
    public async Task Spaces_belong_to_it()
    {
        await RunWithInputAsync(" secret \n", "users", "add", "alice");
        Assert.True(await FitsAsync("alice", " secret "));
    }

    [Fact]
    public async Task Nobody_is_asked_for_the_password_of_somebody_who_is_not_there()
    {
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There is no user 'alice'.\n"), await RunOnTerminalAsync("", "users", "passwd", "alice"));
    }
}
