using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Cli.Tests;

/// <summary><c>registry move</c>: its options and what it says; what is moved, and how, has tests of its own.</summary>
public sealed class MoveTests : CliTest
{
    private const string ConnectionString = "AccountName=target;AccountKey=c2VjcmV0";

    public MoveTests() => Others["target"] = Others[ConnectionString] = new RegistryStores(new InMemoryTableStore(Time), new InMemoryObjectStore(Time));

    private RegistryStores Target => Others["target"];

    [Fact]
    public async Task A_registry_is_moved_in_two_runs()
    {
        await PushAsync();
        var first = await RunAsync("move", "--to-account", "target");
        Assert.Equal((0, ""), (first.Code, first.Out));
        Assert.Equal(
            "10 rows, 10 of them written; 1 blobs, 1 of them sent, 2 bytes; 0 rows and 0 objects deleted; 0 left to the next run, 0 refused, 0 failed.\n"
            + "Warning: Somebody may still write to the registry, and the target cannot be written to yet. Make the registry read-only, wait two minutes, and make a last run with --final.\n",
            first.Error);
        Assert.StartsWith("the source is not read-only. Set Registry:ReadOnly", (await RunAsync("move", "--to-account", "target", "--final")).Error, StringComparison.Ordinal);

        Time.Advance(TimeSpan.FromMinutes(3));
        Environment["Registry:ReadOnly"] = "true";
        Assert.Contains("A last run, with --final, makes it complete.", (await RunAsync("move", "--to-account", "target")).Error, StringComparison.Ordinal);
        var last = await RunAsync("move", "--to-account", "target", "--final");
        Assert.Equal((0, ""), (last.Code, last.Out));
        Assert.Contains("10 rows, 0 of them written", last.Error, StringComparison.Ordinal);
        Assert.Contains("The target is complete: start the registry on it", last.Error, StringComparison.Ordinal);
        var there = new ContainerRegistry(Target.Tables, Target.Objects, new RegistryOptions(), Time);
        await there.DemandWritableAsync(false, default);
        Assert.NotNull(await there.GetRepository(RepositoryName.Parse("team/app")).Manifests.GetAsync(Reference.Parse("v1"), default));

        var again = await RunAsync("move", "--to-account", "target", "--final");
        Assert.Equal(1, again.Code);
        Assert.Contains("With --replace it becomes what the source is now", again.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("move", "--to-account", "target", "--final", "--replace")).Code);
    }

    [Fact]
    public async Task A_connection_string_stands_in_the_environment()
    {
        await PushAsync();
        Environment["TARGET_STORAGE"] = ConnectionString;
        var run = await RunAsync("move", "--to-connection-string-from", "TARGET_STORAGE", "--quiet");
        Assert.Equal(0, run.Code);
        Assert.DoesNotContain("c2VjcmV0", run.Error, StringComparison.Ordinal);
        Assert.NotEmpty(await Target.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.All, default).ToListAsync());
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_done()
    {
        await PushAsync();
        var run = await RunAsync("move", "--to-account", "target", "--dry-run", "--final");
        Assert.Equal((0, ""), (run.Code, run.Out));
        Assert.StartsWith("It would be: 10 rows, 10 of them written; 1 blobs, 1 of them sent", run.Error, StringComparison.Ordinal);
        Assert.Empty(await Target.Tables.ListAsync(TableKeys.SystemTable, RowQuery.All, default).ToListAsync());
    }

    [Fact]
    public async Task What_is_refused_is_a_line_and_an_exit_code()
    {
        var digest = await PushAsync();
        await foreach (var found in Stores.Objects.ListAsync(TableKeys.ObjectPrefix, default))
        {
            await Stores.Objects.DeleteAsync(found.Name, null, default);
            await Stores.Objects.PutAsync(found.Name, new System.Buffers.ReadOnlySequence<byte>("[]"u8.ToArray()), default);
        }

        var run = await RunAsync("move", "--to-account", "target");
        Assert.Equal(1, run.Code);
        Assert.StartsWith($"refused\t{digest}\tthe bytes that are stored have the digest sha256:", run.Out, StringComparison.Ordinal);
        Assert.Contains("1 refused", run.Error, StringComparison.Ordinal);
        Assert.Equal("", (await RunAsync("move", "--to-account", "target", "--quiet")).Out);
    }

    [Theory]
    [InlineData("Say where to", "move")]
    [InlineData("Say where to", "move", "--to", "folder", "--to-account", "target")]
    [InlineData("are for storage accounts", "move", "--to", "folder", "--to-container", "bytes")]
    [InlineData("no variable NONE", "move", "--to-connection-string-from", "NONE")]
    [InlineData("The target cannot be used: Registry:Storage:AccountName must be", "move", "--to-account", "_target!")]
    [InlineData("The target cannot be used: Registry:Storage:Container must be", "move", "--to-account", "target", "--to-container", "X")]
    [InlineData("The target cannot be used: Registry:Storage:TablePrefix must be", "move", "--to-account", "target", "--to-table-prefix", "1")]
    public async Task What_makes_noTarget_is_said(string said, params string[] args)
    {
        await PushAsync();
        var run = await RunAsync(args);
        Assert.Equal((2, ""), (run.Code, run.Out));
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_to_move_is_said()
    {
        var run = await RunAsync("move", "--to-account", "target");
        Assert.Equal((1, ""), (run.Code, run.Out));
        Assert.StartsWith("nothing was ever written to the source", run.Error, StringComparison.Ordinal);
    }

    private async Task<Digest> PushAsync()
    {
        var app = new ContainerRegistry(Stores.Tables, Stores.Objects, new RegistryOptions(), Time).GetRepository(RepositoryName.Parse("team/app"));
        var config = await app.Blobs.PutAsync("{}"u8.ToArray(), default);
        await app.Manifests.PutAsync(ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Build(), [Tag.Parse("v1")], default);
        return config.Digest;
    }
}
