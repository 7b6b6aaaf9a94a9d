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
        Time.Advance(SigningKeyStore.Overlap);
        Assert.Equal(["verifies", "signs"], await StatesAsync());
        Time.Advance(SigningKeyStore.Retention);
        Assert.Equal(["signs"], await StatesAsync());
    }

    [Fact]
    public async Task A_key_in_a_file_is_warned_of()
    {
        Environment["Registry:Auth:Token:SigningKey"] = "key.pem";
        Assert.StartsWith("Warning: Registry:Auth:Token:SigningKey names a file", (await RunAsync("keys", "rotate")).Error, StringComparison.Ordinal);
    }

    private async Task<IEnumerable<string?>> StatesAsync()
    {
        using var json = JsonDocument.Parse((await RunAsync("keys", "list", "--json")).Out);
        return [.. json.RootElement.EnumerateArray().Select(k => k.GetProperty("state").GetString())];
    }
}
