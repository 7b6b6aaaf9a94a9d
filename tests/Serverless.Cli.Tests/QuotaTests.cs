using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary><c>registry quota</c> and <c>registry usage</c>.</summary>
public abstract class QuotaTests : CliTest
{
    [Fact]
    public async Task A_quota_is_set_listed_and_removed()
    {
        Assert.Equal(0, (await RunAsync("quota", "set", "team*", "--hard", "10GiB", "--soft", "500 MiB")).Code);
        Assert.Equal(0, (await RunAsync("quota", "set", "*", "--hard", "1000000")).Code);
        Assert.Equal("*\t-\t1000000\nteam*\t524288000\t10737418240\n", (await RunAsync("quota", "list")).Out);
        Assert.Contains("\"hard\": 10737418240", (await RunAsync("quota", "list", "--json")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("quota", "remove", "*")).Code);
        var again = await RunAsync("quota", "remove", "*");
        Assert.Equal((1, "There is no quota of *.\n"), (again.Code, again.Error));
    }

    [Theory]
    [InlineData("team")]
    [InlineData("team", "--hard", "much")]
    [InlineData("team", "--hard", "-1")]
    [InlineData("team", "--hard", "1", "--soft", "2")]
    [InlineData("team", "--hard", "99999999999TiB")]
    [InlineData("team/app", "--hard", "1")]
    [InlineData("Team", "--hard", "1")]
    public async Task What_cannot_be_is_bad_usage_and_sets_nothing(params string[] args)
    {
        Assert.Equal(2, (await RunAsync(["quota", "set", .. args])).Code);
        Assert.Equal("", (await RunAsync("quota", "list")).Out);
    }

    [Fact]
    public async Task What_namespaces_hold_is_listed()
    {
        Assert.Equal(new CliRun(0, "", ""), await RunAsync("usage"));
        var registry = new ContainerRegistry(Stores.Tables, Stores.Objects, new RegistryOptions(), Time);
        await registry.GetRepository(RepositoryName.Parse("team/app")).Blobs.PutAsync(new byte[1000], default);
        await registry.GetRepository(RepositoryName.Parse("team/other")).Blobs.PutAsync(new byte[1000], default);
        Time.Advance(registry.Options.Grace / 2);
        foreach (var name in (string[])["team/app", "team/other"]) await registry.GarbageCollector.CollectAsync(new() { Repository = RepositoryName.Parse(name) }, null, default);
        await registry.Usage.NoteTotalAsync(1, 1000, default);
        Assert.Equal(0, (await RunAsync("quota", "set", "team", "--soft", "1KiB")).Code);
        var run = await RunAsync("usage");
        Assert.Equal((0, "team/\t2000\t2\t2\t1024\t-\n"), (run.Code, run.Out));
        Assert.StartsWith("1000 bytes in 1 blobs, each counted once, as verified 2026-01-01T12:00:00Z.", run.Error, StringComparison.Ordinal);
    }
}

public sealed class StoredQuotaTests : QuotaTests;

public sealed class ApiQuotaTests : QuotaTests
{
    private protected override bool OverApi => true;
}
