using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Testing;
using Xunit;

namespace Serverless.Registry.Tests.Retention;

/// <summary>What others do while retention runs, and storage that fails.</summary>
public sealed class RetentionRaceTests : RetentionTest
{
    private static readonly RetentionRule s_keepOne = new() { KeepNewest = 1 };

    [Fact]
    public async Task A_tag_that_moves_meanwhile_stays_and_the_others_go()
    {
        await TagAsync("a", "b", "c", "d");
        var other = await TestRegistry.PushImageAsync(Repository, "2");
        var (summary, deleted) = await ApplyWhileAsync(() => Repository.Tags.PutAsync(Tag.Parse("b"), other.Digest, default));
        Assert.Equal((2, 1), (summary.Deleted, summary.Moved));
        Assert.Equal(["a", "c"], deleted);
        Assert.Equal(["b", "d"], await TagsAsync());
    }

    [Fact]
    public async Task A_tag_that_is_pushed_again_as_it_was_stays()
    {
        await TagAsync("a", "b");
        var (summary, _) = await ApplyWhileAsync(() => TagAsync("a"));
        Assert.Equal((0, 1), (summary.Deleted, summary.Moved));
        Assert.Equal(["a", "b"], await TagsAsync());
    }

    [Fact]
    public async Task A_tag_that_is_deleted_meanwhile_is_gone()
    {
        await TagAsync("a", "b", "c");
        var (summary, deleted) = await ApplyWhileAsync(() => Repository.Tags.DeleteAsync(Tag.Parse("a"), default));
        Assert.Equal((2, 0), (summary.Deleted, summary.Moved));
        Assert.Equal(["a", "b"], deleted);
    }

    [Theory]
    [InlineData(StorageFault.CrashBefore)]
    [InlineData(StorageFault.CrashAfter)]
    [InlineData(StorageFault.Replay)]
    [InlineData(StorageFault.Unavailable)]
    [InlineData(StorageFault.AppliedButUnavailable)]
    public async Task A_run_may_stop_anywhere_and_the_next_one_finishes(StorageFault fault)
    {
        for (var call = 0; ; call++)
        {
            var test = new TestRegistry();
            await TestRegistry.PushImageAsync(test.Repository, "1", "a", "b", "c");
            test.Time.Advance(test.Options.Grace);
            await test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.QueuedRepository(test.Repository.Name), "*"), default);
            var probe = new StorageProbe();
            var (tables, objects) = probe.Watch((test.Tables, test.Objects));
            var registry = new ContainerRegistry(tables, objects, test.Options, test.Time);
            probe.FailAt(call, fault);
            var failure = await Record.ExceptionAsync(() => registry.Retention.ApplyAsync([s_keepOne], false, null, default));
            Assert.True(failure is null or SimulatedCrashException or StorageUnavailableException, failure?.ToString());
            var tags = await TestRegistry.ListAsync(test.Repository.Tags.ListAsync(default));
            var queued = await test.Tables.FindAsync(TableKeys.SystemTable, TableKeys.QueuedRepository(test.Repository.Name), default);
            Assert.True(tags.Count == 3 || queued is not null, "A tag went before the repository was queued.");

            await test.Registry.Retention.ApplyAsync([s_keepOne], false, null, default);
            Assert.Equal(TestRegistry.TagsOf("c"), await TestRegistry.ListAsync(test.Repository.Tags.ListAsync(default)));
            if (call >= probe.Calls.Count) break;
        }
    }

    [Fact]
    public async Task Immutable_tags_stay_and_do_not_count()
    {
        var test = new TestRegistry(new RegistryOptions { ImmutableTags = [new ImmutableTags("team/*", "v*", ["vnext"])] });
        await TestRegistry.PushImageAsync(test.Repository, "1", "a", "b", "v1", "v2", "vnext");
        var summary = await test.Registry.Retention.ApplyAsync([s_keepOne], false, null, default);
        Assert.Equal((5, 2, 0), (summary.Tags, summary.Deleted, summary.Moved));
        Assert.Equal(TestRegistry.TagsOf("v1", "v2", "vnext"), await TestRegistry.ListAsync(test.Repository.Tags.ListAsync(default)));
    }

    /// <summary>Keeps the newest tag, while somebody does something after the tags were read and before the first is deleted.</summary>
    private async Task<(RetentionSummary Summary, List<string> Deleted)> ApplyWhileAsync(Func<Task> other)
    {
        List<string> deleted = [];
        var tables = new InterruptedTableStore(Test.Tables, write => write is RowWrite.Delete { Key.Row: ['t', ':', ..] }, other);
        var registry = new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time);
        return (await registry.Retention.ApplyAsync([s_keepOne], false, t => deleted.Add(t.Tag.ToString()), default), deleted);
    }
}
