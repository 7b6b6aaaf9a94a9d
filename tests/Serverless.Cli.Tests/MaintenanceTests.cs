using System.Buffers;
using System.IO.Pipelines;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class MaintenanceTests : CliTest
{
    private static readonly TimeSpan s_grace = new RegistryOptions().Grace + TimeSpan.FromSeconds(1);

    private ContainerRegistry Registry => new(Stores.Tables, Stores.Objects, new RegistryOptions(), Time);

    private Repository App => Registry.GetRepository(RepositoryName.Parse("team/app"));

    [Fact]
    public async Task A_dry_run_lists_what_the_run_then_deletes()
    {
        await PushAsync("1", "v1");
        await PushAsync("2", "v1");
        Time.Advance(s_grace);
        Environment["Registry:GarbageCollection:UntaggedAge"] = "1.00:00:00";
        string[] collect = ["gc", "--repository", "team/app", "--delete-untagged"];
        var dry = await RunAsync([.. collect, "--dry-run"]);
        var real = await RunAsync(collect);
        Assert.Equal((0, 0), (dry.Code, real.Code));
        Assert.Equal(Lines(dry.Out), Lines(real.Out));
        Assert.Equal(2, Lines(real.Out).Count);
        Assert.Contains("1 manifests, 1 links and 0 blobs of 0 bytes would be deleted", dry.Error, StringComparison.Ordinal);
        Assert.Contains("1 manifests, 1 links and 0 blobs of 0 bytes deleted", real.Error, StringComparison.Ordinal);
        Time.Advance(s_grace);
        var later = await RunAsync("garbage-collect", "--json");
        Assert.Contains("\"kind\": \"blob\"", later.Out, StringComparison.Ordinal);
        Assert.Equal("", (await RunAsync("gc", "--quiet")).Out);
    }

    [Fact]
    public async Task Uploads_that_were_left_behind_are_purged()
    {
        var upload = await App.Blobs.StartUploadAsync(default);
        await upload.AppendAsync(PipeReader.Create(new ReadOnlySequence<byte>([1, 2, 3])), null, default);
        Time.Advance(s_grace);
        var line = $"upload\tteam/app\t-\t3\t{upload.Id:N}\n";
        Assert.Equal(line, (await RunAsync("gc", "--dry-run")).Out);
        Assert.Equal(line, (await RunAsync("gc")).Out);
        Assert.Equal("", (await RunAsync("gc")).Out);
    }

    [Fact]
    public async Task A_container_of_another_registry_is_told_of_and_claimed()
    {
        await PushAsync("1", "v1");
        Assert.Equal(0, (await RunAsync("identity")).Code);
        await Stores.Objects.DeleteAsync("registry", null, default);
        await Stores.Objects.PutAsync("registry", new("another"u8.ToArray()), default);
        var run = await RunAsync("identity");
        Assert.NotEqual(0, run.Code);
        Assert.Contains("container\tanother", run.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("identity", "--claim")).Code);
        Assert.Equal(0, (await RunAsync("identity")).Code);
    }

    [Fact]
    public async Task A_tag_and_a_manifest_are_locked_and_unlocked()
    {
        var digest = await PushAsync("1", "v1");
        Assert.Equal((0, 0), ((await RunAsync("lock", "team/app:v1")).Code, (await RunAsync("lock", $"team/app@{digest}")).Code));
        Assert.Equal((1, 2), ((await RunAsync("lock", "team/app:none")).Code, (await RunAsync("lock", "team/app")).Code));
        Assert.Equal([$"team/app\t{digest}", "team/app\tv1"], Lines((await RunAsync("locks")).Out).Select(l => l[..l.LastIndexOf('\t')]));
        Assert.Equal(1, (await RunAsync("repository", "remove", "team/app")).Code);
        Assert.Equal((0, 0), ((await RunAsync("unlock", "team/app:v1")).Code, (await RunAsync("unlock", $"team/app@{digest}")).Code));
        Assert.Equal(1, (await RunAsync("unlock", "team/app:v1")).Code);
        Assert.Equal(0, (await RunAsync("repository", "remove", "team/app")).Code);
    }

    [Fact]
    public async Task Tags_go_by_the_rules_of_the_settings()
    {
        for (var i = 0; i < 4; i++) await PushAsync($"{i}", $"build-{i}", "latest");
        (Environment["Registry:Retention:0:Tags"], Environment["Registry:Retention:0:KeepNewest"]) = ("build-.*", "2");
        var dry = await RunAsync("retention", "--dry-run");
        Assert.Equal(2, Lines(dry.Out).Count);
        Assert.Equal(dry.Out, (await RunAsync("retention")).Out);
        Assert.Equal("build-2,build-3,latest", string.Join(',', await App.Tags.ListAsync(default).Select(t => t.ToString()).ToListAsync()));
        Environment["Registry:Retention:0:KeepNewest"] = "none";
        Assert.Equal(2, (await RunAsync("retention")).Code);
    }

    [Fact]
    public async Task What_does_not_fit_together_is_found_and_repaired_where_that_is_safe()
    {
        await PushAsync("1", "v1");
        var healthy = await RunAsync("verify", "--rehash");
        Assert.Equal((0, ""), (healthy.Code, healthy.Out));
        await Stores.Objects.PutAsync("data/aa/orphan", new ReadOnlySequence<byte>([1]), default);
        Time.Advance(s_grace + s_grace);
        var found = await RunAsync("verify", "--keep-orphans");
        Assert.Equal(1, found.Code);
        Assert.StartsWith("OrphanBytes\t-\t-\tdata/aa/orphan\t-\t", found.Out, StringComparison.Ordinal);
        Assert.Contains("\"kind\": \"OrphanBytes\"", (await RunAsync("verify", "--json", "--keep-orphans", "--repair")).Out, StringComparison.Ordinal);
        var deleted = await RunAsync("verify");
        Assert.Equal(0, deleted.Code);
        Assert.StartsWith("OrphanBytes\t-\t-\tdata/aa/orphan\trepaired\t", deleted.Out, StringComparison.Ordinal);
        Assert.Equal("", (await RunAsync("verify")).Out);
    }

    private async Task<Digest> PushAsync(string seed, params string[] tags)
    {
        var config = await App.Blobs.PutAsync(System.Text.Encoding.UTF8.GetBytes($"{{\"seed\":\"{seed}\"}}"), default);
        var image = ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Build();
        await App.Manifests.PutAsync(image, [.. tags.Select(t => Tag.Parse(t))], default);
        Time.Advance(TimeSpan.FromSeconds(1));
        return image.Digest;
    }

    private static List<string> Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.TrimEnd('\r'))];
}
