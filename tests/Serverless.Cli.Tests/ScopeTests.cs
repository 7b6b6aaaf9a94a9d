using System.Text.Json;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Cli.Tests;

public abstract class ScopeTests : CliTest
{
    [Fact]
    public async Task Set_makes_a_scope_map_that_gives_its_rights()
    {
        var run = await RunAsync("scopes", "set", "team", "team/*:pull,push", "library/*:pull", "team/*:pull,push");
        Assert.Equal(new CliRun(ExitCode.Done, "", "The scope map team gives team/*:pull,push library/*:pull.\n"), run);
        var rights = await ScopeMaps.SumAsync(["team"], CancellationToken.None);
        Assert.True(rights.On(RepositoryName.Parse("team/app")).HasFlag(Registry.Access.RepositoryActions.Push));
        Assert.False(rights.On(RepositoryName.Parse("library/app")).HasFlag(Registry.Access.RepositoryActions.Push));
    }

    [Fact]
    public async Task Set_replaces_the_one_that_is_there()
    {
        await RunAsync("scopes", "set", "team", "team/*:*");
        await RunAsync("scopes", "set", "team", "team/*:pull", "registry:catalog:*");
        Assert.Equal("team\tteam/*:pull registry:catalog:*\tstored\n", (await RunAsync("scopes", "list")).Out);
    }

    [Theory]
    [InlineData("team", "team/*")]
    [InlineData("team", "team/*:run")]
    [InlineData("team", "TEAM/*:pull")]
    [InlineData("two words", "team/*:pull")]
    [InlineData("team")]
    public async Task What_cannot_be_a_scope_map_is_bad_usage(params string[] args)
    {
        var run = await RunAsync(["scopes", "set", .. args]);
        Assert.Equal((ExitCode.Usage, ""), (run.Code, run.Out));
        Assert.Equal("", (await RunAsync("scopes", "list")).Out);
    }

    [Fact]
    public async Task Each_malformed_right_is_named()
    {
        var run = await RunAsync("scopes", "set", "team", "a:fly", "b:pull", "c");
        Assert.Contains("'a:fly' is no right.", run.Error, StringComparison.Ordinal);
        Assert.Contains("'c' is no right.", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("'b:pull'", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_has_those_of_the_configuration_too()
    {
        Environment["Registry:Auth:Anonymous:0"] = "public/*:pull";
        Environment["Registry:Auth:Scopes:ops:0"] = "*:*";
        await RunAsync("scopes", "set", "team", "team/*:pull");
        using var json = JsonDocument.Parse((await RunAsync("scopes", "list", "--json")).Out);
        var maps = json.RootElement.EnumerateArray().Select(m => $"{m.GetProperty("name")} {m.GetProperty("rights")[0]} {m.GetProperty("source")}");
        Assert.Equal(["anonymous public/*:pull configuration", "ops *:* configuration", "team team/*:pull stored"], maps);
    }

    [Fact]
    public async Task Those_of_the_configuration_cannot_be_changed()
    {
        Environment["Registry:Auth:Scopes:ops:0"] = "*:*";
        const string Refusal = "The scope map 'ops' is set by the configuration, and can be changed only there.\n";
        Assert.Equal(new CliRun(ExitCode.Refused, "", Refusal), await RunAsync("scopes", "set", "ops", "ops/*:pull"));
        Assert.Equal(new CliRun(ExitCode.Refused, "", Refusal), await RunAsync("scopes", "remove", "ops"));
    }

    [Fact]
    public async Task Remove_deletes_one_and_refuses_what_is_not_there()
    {
        await RunAsync("scopes", "set", "team", "team/*:pull");
        Assert.Equal(new CliRun(ExitCode.Done, "", "Removed the scope map team.\n"), await RunAsync("scopes", "remove", "team"));
        Assert.Equal(new CliRun(ExitCode.Refused, "", "There is no scope map 'team'.\n"), await RunAsync("scopes", "remove", "team"));
    }

    [Fact]
    public async Task A_scope_map_that_is_there_is_not_warned_of()
    {
        await RunAsync("scopes", "set", "team", "team/*:pull");
        Assert.DoesNotContain("Warning", (await RunAsync("robots", "add", "ci", "--scope", "team")).Error, StringComparison.Ordinal);
        Assert.Contains("Warning: There is no scope map 'ops'.", (await RunAsync("robots", "scopes", "ci", "--scope", "team", "ops")).Error, StringComparison.Ordinal);
    }
}

public sealed class StoredScopeTests : ScopeTests;

public sealed class ApiScopeTests : ScopeTests
{
    private protected override bool OverApi => true;
}
