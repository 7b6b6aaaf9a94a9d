using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

public sealed class PullSweepTests : GarbageTest
{
    [Fact]
    public async Task The_note_of_a_deleted_tag_goes_after_a_grace_and_that_of_another_stays()
    {
        await PushImageAsync(Repository, "1", "v1", "v2");
        Wait();
        foreach (var tag in TagsOf("v1", "v2")) await Repository.Tags.NotePullAsync(new Reference(tag), default);
        await Repository.Tags.DeleteAsync(Tag.Parse("v1"), default);
        await CollectAsync();
        Assert.Equal(["p:v1", "p:v2"], await RowsAsync(TableKeys.PullPrefix));
        await CollectAllAsync();
        Assert.Equal(["p:v2"], await RowsAsync(TableKeys.PullPrefix));
        // It does not keep the repository in the queue.
        Assert.Null(await Test.Tables.FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(Repository.Name), default));
    }

    [Fact]
    public async Task A_pull_that_is_noted_after_its_tag_went_leaves_nothing_behind()
    {
        await PushImageAsync(Repository, "1", "v1", "v2");
        Wait();
        await CollectAsync();
        await Repository.Tags.DeleteAsync(Tag.Parse("v1"), default);
        await CollectAsync();
        Test.Time.Advance(Test.Options.LongestRequest);
        await Repository.Tags.NotePullAsync(By("v1"), default);
        await CollectAllAsync();
        Assert.Empty(await RowsAsync(TableKeys.PullPrefix));
    }

    [Fact]
    public async Task The_note_of_a_digest_stays_as_long_as_its_manifest()
    {
        var (one, two) = (await PushImageAsync(Repository, "1", "v1"), await PushImageAsync(Repository, "2", "v2"));
        Wait();
        foreach (var image in (Manifest[])[one, two]) await Repository.Tags.NotePullAsync(By(image.Digest), default);
        await Repository.Manifests.DeleteAsync(one.Digest, default);
        await CollectAllAsync();
        Assert.Equal([TableKeys.PullPrefix + two.Digest], await RowsAsync(TableKeys.PullPrefix));
    }

    [Fact]
    public async Task History_goes_with_the_last_manifest_and_no_sooner()
    {
        var (one, two) = (await PushImageAsync(Repository, "1", "v1"), await PushImageAsync(Repository, "2", "v2"));
        await Repository.Manifests.DeleteAsync(one.Digest, default);
        await CollectAllAsync();
        Assert.Equal(2, (await RowsAsync("h:")).Count);
        await Repository.Manifests.DeleteAsync(two.Digest, default);
        await CollectAllAsync();
        Assert.Empty(await RowsAsync(""));
    }

    [Fact]
    public async Task A_dry_run_sweeps_nothing()
    {
        var image = await PushImageAsync(Repository, "1", "v1");
        await Repository.Tags.NotePullAsync(By("v1"), default);
        await Repository.Manifests.DeleteAsync(image.Digest, default);
        await CollectAsync();
        Wait();
        await CollectAsync(new CollectionOptions { DryRun = true });
        Assert.Single(await RowsAsync(TableKeys.PullPrefix));
        Assert.Single(await RowsAsync("h:"));
        await CollectAsync();
        Assert.Empty(await RowsAsync(TableKeys.PullPrefix));
        Assert.Empty(await RowsAsync("h:"));
    }

    [Fact]
    public async Task A_note_that_is_written_meanwhile_stays()
    {
        await PushImageAsync(Repository, "1", "v1");
        await Repository.Tags.NotePullAsync(By("v1"), default);
        await Repository.Tags.DeleteAsync(Tag.Parse("v1"), default);
        await CollectAsync();
        Wait();
        var note = TableKeys.Pull(Repository.Name, By("v1"));
        var other = Test.NewInstance().GetRepository(Repository.Name).Tags;
        var tables = new InterruptedTableStore(
            Test.Tables, write => write is RowWrite.Delete && write.Key == note, () => other.NotePullAsync(By("v1"), default));
        var registry = new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time);
        await registry.GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        Assert.Equal(Test.Time.GetUtcNow(), await Repository.Tags.FindLastPullAsync(By("v1"), default));
    }

    private async Task<List<string>> RowsAsync(string prefix) =>
        [.. (await ListAsync(Test.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(Repository.Name), prefix), default))).Select(r => r.Key.Row)];
}
