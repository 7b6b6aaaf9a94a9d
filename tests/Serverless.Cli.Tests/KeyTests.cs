using System.Text.Json;
using Serverless.Registry.Accounts;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class KeyTests : CliTest
{
    [Fact]
    public async Task List_makes_the_first_key_where_there_is_none()
    {
        Assert.Equal(new CliRun(ExitCode.Done, "k1\tsigns\t2026-01-01T00:00:00Z\n", ""), await RunAsync("keys", "list"));
    }

    [Fact]
    public async Task A_new_key_is_published_then_signs_while_the_old_one_verifies_and_goes()
    {
        await RunAsync("keys", "list");
        var run = await RunAsync("keys", "rotate");
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Out));
        Assert.Equal(["signs", "published"], await StatesAsync());
        Time.Advance(SigningKeySchedule.Overlap);
        Assert.Equal(["verifies", "signs"], await StatesAsync());
        Time.Advance(SigningKeySchedule.Retention);
        Assert.Equal(["signs"], await StatesAsync());
    }

    [Fact]
    public async Task A_key_in_a_file_is_warned_of()
    {
        Environment["Registry:Auth:Token:SigningKey"] = "key.pem";
        Assert.StartsWith("Warning: Registry:Auth:Token:SigningKey names a file", (await RunAsync("keys", "rotate")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_made_now_signs_at_once_and_the_old_one_can_be_taken_away()
    {
        await RunAsync("keys", "list");
        Time.Advance(TimeSpan.FromMinutes(1));
        var run = await RunAsync("keys", "rotate", "--now");
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Out));
        Assert.Contains("signs as soon as instances know it, within 10 minutes", run.Error, StringComparison.Ordinal);
        Assert.Equal(["verifies", "signs"], await StatesAsync());
        run = await RunAsync("keys", "remove", "k1");
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Out));
        Assert.Contains("within 10 minutes", run.Error, StringComparison.Ordinal);
        Assert.Equal(["signs"], await StatesAsync());
    }

    [Fact]
    public async Task The_key_that_signs_and_one_that_is_not_there_cannot_be_taken_away()
    {
        await RunAsync("keys", "list");
        Assert.Equal(new CliRun(ExitCode.Refused, "", "The key 'k1' signs now. Make another one first: registry keys rotate --now.\n"), await RunAsync("keys", "remove", "k1"));
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There is no key 'k2'.\n"), await RunAsync("keys", "remove", "k2"));
        // A key that does not sign yet may go: no token is signed with it.
        await RunAsync("keys", "rotate");
        using var json = JsonDocument.Parse((await RunAsync("keys", "list", "--json")).Out);
        Assert.Equal(ExitCode.Done, (await RunAsync("keys", "remove", json.RootElement[1].GetProperty("id").GetString()!)).Code);
        Assert.Equal(["signs"], await StatesAsync());
    }

    private async Task<IEnumerable<string?>> StatesAsync()
    {
        using var json = JsonDocument.Parse((await RunAsync("keys", "list", "--json")).Out);
        return [.. json.RootElement.EnumerateArray().Select(k => k.GetProperty("state").GetString())];
    }
}
