using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Testing;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary><c>registry adopt</c>; what it takes over and what not has tests of its own.</summary>
public sealed class AdoptTests : CliTest
{
    private readonly DistributionStorage _there;

    public AdoptTests() => _there = new DistributionStorage(Stores.Objects);

    [Fact]
    public async Task Images_are_adopted_and_counted()
    {
        var image = await FillAsync();
        var run = await RunAsync("adopt");
        Assert.Equal((0, ""), (run.Code, run.Out));
        Assert.Equal(
            "1 of 1 repositories, 1 manifests and 1 tags; 2 blobs of 17 bytes linked where they lie, 0 links to blobs that were here, 0 blobs copied; 0 things were here; 0 missing, 0 refused, 0 tags kept.\n",
            run.Error);
        var registry = new ContainerRegistry(Stores.Tables, Stores.Objects, new RegistryOptions(), Time);
        var stored = await registry.GetRepository(RepositoryName.Parse("team/app")).Manifests.GetAsync(Reference.Parse("v1"), default);
        Assert.Equal(image.Payload.ToArray(), stored!.Payload.ToArray());
        Assert.Contains("2 things were here", (await RunAsync("adopt")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_out_is_a_line_or_an_object_and_ends_with_1()
    {
        await FillAsync();
        var lost = await _there.PutManifestAsync("team/app", "{}"u8.ToArray(), "broken");
        Time.Advance(TimeSpan.FromHours(2));
        var run = await RunAsync("adopt", "--dry-run");
        Assert.Equal(1, run.Code);
        Assert.StartsWith($"refused\tteam/app\t{lost}\t", run.Out, StringComparison.Ordinal);
        Assert.Contains("\nmissing\tteam/app\tbroken\t", run.Out, StringComparison.Ordinal);
        Assert.StartsWith("It would be: 1 of 1 repositories", run.Error, StringComparison.Ordinal);
        Assert.Equal("", (await RunAsync("adopt", "--dry-run", "--quiet")).Out);
        var json = System.Text.Json.Nodes.JsonNode.Parse((await RunAsync("adopt", "--dry-run", "--json")).Out)!.AsArray();
        Assert.Equal(["refused", "missing"], json.Select(e => e!["kind"]!.ToString()));
        Assert.Equal("broken", json[1]!["what"]!.ToString());
    }

    [Fact]
    public async Task Another_container_is_refused_with_the_way_out()
    {
        await FillAsync();
        var run = await RunAsync("adopt", "--container", "images");
        Assert.Equal(2, run.Code);
        Assert.Contains("Either give the registry the container 'images' (Registry:Storage:Container)", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("adopt", "--container", "registry")).Code);
    }

    [Fact]
    public async Task What_is_young_needs_force()
    {
        await FillAsync(TimeSpan.Zero);
        var run = await RunAsync("adopt");
        Assert.Equal(1, run.Code);
        Assert.Contains("less than an hour ago", run.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("adopt", "--force", "--verify")).Code);
    }

    [Theory]
    [InlineData(1, "nothing of distribution lies under the root of the container", "adopt")]
    [InlineData(2, "--wait is 0 to 1440 minutes", "adopt", "--wait", "-1")]
    [InlineData(2, "--root", "adopt", "--root")]
    public async Task What_cannot_be_done_is_said(int code, string said, params string[] args)
    {
        var run = await RunAsync(args);
        Assert.Equal(code, run.Code);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    private async Task<Manifest> FillAsync(TimeSpan? age = null)
    {
        var image = await _there.PutImageAsync("team/app", "1", ["12345"u8.ToArray()], "v1");
        Time.Advance(age ?? TimeSpan.FromHours(2));
        return image;
    }
}
