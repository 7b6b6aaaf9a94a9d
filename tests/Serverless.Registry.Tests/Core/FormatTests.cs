using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Storage;
using Serverless.Registry.Verification;
using Xunit;

namespace Serverless.Registry.Tests.Core;

/// <summary>A release leaves alone what it may not know.</summary>
public sealed class FormatTests
{
    private readonly TestRegistry _test = new();

    [Fact]
    public async Task What_a_newer_release_must_read_is_not_written_by_this_one()
    {
        await TestRegistry.PushImageAsync(_test.Repository, "1", "v1");
        await SetAsync(new RegistryFormat(2, 2));
        var old = _test.NewInstance().GetRepository(_test.Repository.Name);
        await RefusedAsync(() => old.Blobs.PutAsync(Any.Content(10), default));
        await RefusedAsync(() => old.Tags.DeleteAsync(Tag.Parse("v1"), default));
        await RefusedAsync(() => _test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default));
    }

    [Fact]
    public async Task Where_only_collectors_must_be_newer_this_one_writes_and_deletes_nothing_by_itself()
    {
        await TestRegistry.PushImageAsync(_test.Repository, "1", "v1");
        await SetAsync(new RegistryFormat(1, 2));
        await _test.NewInstance().GetRepository(_test.Repository.Name).Blobs.PutAsync(Any.Content(10), default);
        _test.Time.Advance(_test.Options.Grace * 2);
        await RefusedAsync(() => _test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default));
        await RefusedAsync(() => _test.NewInstance().Verifier.RunAsync(new VerifyOptions { Repair = true }, null, default));
        await RefusedAsync(() => _test.NewInstance().Retention.ApplyAsync([new RetentionRule { KeepNewest = 1 }], false, null, default));
        Assert.NotNull(await _test.Repository.Tags.FindAsync(Tag.Parse("v1"), default));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_nobody_can_judge_is_left_alone(bool isThere)
    {
        await TestRegistry.PushImageAsync(_test.Repository, "1", "v1");
        await _test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.Format, "*"), default);
        if (isThere) await _test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(TableKeys.Format, new Dictionary<string, object> { ["reader"] = "one" }), default);
        await RefusedAsync(() => _test.NewInstance().GetRepository(_test.Repository.Name).Blobs.PutAsync(Any.Content(10), default));
        await RefusedAsync(() => _test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default));
    }

    [Fact]
    public async Task A_run_that_is_under_way_stops_before_the_next_repository()
    {
        foreach (var name in (string[])["a", "b", "c"]) await TestRegistry.PushImageAsync(_test.Open(name), "1");
        _test.Time.Advance(_test.Options.Grace + TimeSpan.FromSeconds(1));
        var options = new CollectionOptions { DeleteUntagged = true, UntaggedAge = _test.Options.Grace, MaxParallel = 1 };
        var deleted = 0;
        await RefusedAsync(() => _test.Registry.GarbageCollector.CollectAsync(options, item =>
        {
            if (item.Kind == CollectedKind.Manifest && deleted++ == 0) SetAsync(new RegistryFormat(1, 2)).GetAwaiter().GetResult();
        }, default));
        Assert.Equal(1, deleted);
    }

    /// <summary>By hand it holds no claim, so nobody who raises the format waits for it.</summary>
    [Fact]
    public async Task A_run_by_hand_that_is_in_the_middle_of_a_repository_stops_within_seconds()
    {
        foreach (var seed in (string[])["1", "2", "3"]) await TestRegistry.PushImageAsync(_test.Repository, seed);
        _test.Time.Advance(_test.Options.Grace + TimeSpan.FromSeconds(1));
        var deleted = 0;
        await RefusedAsync(() => _test.Registry.GarbageCollector.CollectAsync(new CollectionOptions { DeleteUntagged = true, UntaggedAge = _test.Options.Grace }, item =>
        {
            if (item.Kind == CollectedKind.Manifest && deleted++ == 0) RaiseAndWait();
        }, default));
        Assert.Equal(1, deleted);
    }

    [Fact]
    public async Task Retention_by_hand_stops_within_seconds_too()
    {
        foreach (var name in (string[])["a", "b"])
        {
            foreach (var tag in (string[])["1", "2"]) await TestRegistry.PushImageAsync(_test.Open(name), tag, tag);
        }

        var deleted = 0;
        await RefusedAsync(() => _test.Registry.Retention.ApplyAsync([new RetentionRule { KeepNewest = 1 }], false, _ =>
        {
            deleted++;
            RaiseAndWait();
        }, default));
        Assert.Equal(1, deleted);
    }

    private void RaiseAndWait()
    {
        SetAsync(new RegistryFormat(1, 2)).GetAwaiter().GetResult();
        _test.Time.Advance(TimeSpan.FromSeconds(6));
    }

    private async Task SetAsync(RegistryFormat format) => await _test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Format, format.ToProperties()), default);

    private static Task<RegistryException> RefusedAsync(Func<Task> act) => TestRegistry.AssertRefusedAsync(RegistryError.Unsupported, act);
}
