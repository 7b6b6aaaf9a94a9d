using System.Globalization;
using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>Untagged manifests become garbage where nobody has pushed for long: every repository is looked at once more.</summary>
public sealed class PolicyChangeTests : GarbageTest
{
    // More than one batch of the queue, and the last not full.
    private const int Count = 250;

    private static readonly CollectionOptions s_untagged = new() { DeleteUntagged = true, UntaggedAge = TimeSpan.FromDays(2) };

    [Fact]
    public async Task When_untagged_manifests_become_garbage_those_of_an_idle_repository_go()
    {
        var (old, now) = (await PushImageAsync(Repository, "1", "v1"), await PushImageAsync(Repository, "2", "v1"));
        await PushImageAsync(Test.Open("other"), "3", "v1");
        Assert.DoesNotContain(await CollectAllAsync(), i => i.Kind == CollectedKind.Manifest);
        Assert.Empty(await ListAsync(Test.Tables.ListAsync(TableKeys.SystemTable, TableKeys.RepositoryQueue, default)));

        var items = await CollectAsync(s_untagged);
        Assert.Equal(old.Digest, Assert.Single(items, i => i.Kind == CollectedKind.Manifest).Digest);
        Assert.True(await IsWholeAsync(now));
        await CollectAllAsync(s_untagged);
        Assert.Equal(4, (await Test.ObjectNamesAsync()).Count);
    }

    [Fact]
    public async Task What_is_too_young_when_the_policy_changes_goes_when_it_is_old()
    {
        await PushImageAsync(Repository, "1", "v1");
        await CollectAllAsync();
        var old = await PushImageAsync(Repository, "2");
        Assert.Empty(await CollectAsync(s_untagged));
        var items = await CollectAllAsync(s_untagged);
        Assert.Equal(old.Digest, Assert.Single(items, i => i.Kind == CollectedKind.Manifest).Digest);
    }

    [Fact]
    public async Task The_same_policy_again_queues_nothing()
    {
        await PushManyAsync(3);
        await CollectAllAsync();
        foreach (var (options, count) in new[]
        {
            (s_untagged, 3), (s_untagged, 0),
            // Another age is another policy; none at all needs no look.
            (s_untagged with { UntaggedAge = TimeSpan.FromDays(3) }, 3), (new CollectionOptions(), 0), (s_untagged, 3),
        })
        {
            var watched = new WatchedQueue(Test.Tables);
            await NewInstance(watched).GarbageCollector.CollectAsync(options, null, default);
            Assert.Equal(count, watched.Queued.Count);
            await CollectAllAsync(options);
            Assert.Empty(await ListAsync(Test.Tables.ListAsync(TableKeys.SystemTable, TableKeys.RepositoryQueue, default)));
        }
    }

    [Fact]
    public async Task A_run_that_is_cut_off_while_it_queues_is_gone_on_with_where_it_was()
    {
        await PushManyAsync(Count);
        await CollectAllAsync();
        var (watched, cursor, runs) = (new WatchedQueue(Test.Tables), (string?)null, 1);
        while (await CutOffAsync(watched, cursor) is { } reached) (cursor, runs) = (reached, runs + 1);
        // Each repository once, a hundred in each run.
        Assert.Equal(4, runs);
        Assert.Equal((await ListAsync(Test.Registry.ListAsync(default))).Select(TableKeys.Encode).Order(StringComparer.Ordinal), watched.Queued.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_place_where_a_run_was_cut_off_counts_for_nothing_after_a_run_with_another_policy()
    {
        for (var i = 0; i < Count; i++) await PushImageAsync(Test.Open(NameOf(i)), "same");
        await CollectAllAsync();
        var cursor = await CutOffAsync(Test.Tables, null);
        Assert.NotNull(CollectionCursor.Parse(cursor).Policy);
        // Somebody collects by hand, without the setting, and long after: what was queued is looked at, and is no garbage.
        Wait();
        Assert.Equal(100, (await Test.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default)).Reviewed);

        List<CollectedItem> items = [];
        await Test.NewInstance().GarbageCollector.CollectAsync(s_untagged, items.Add, new WalkCursor(cursor, (_, _) => Task.CompletedTask), default);
        Assert.Equal(Count, items.Count(i => i.Kind == CollectedKind.Manifest));
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"team{number % 7}/app{number:d3}");

    private async Task PushManyAsync(int count)
    {
        for (var i = 0; i < count; i++) await PushImageAsync(Test.Open(NameOf(i)), "same", "v1");
    }

    private ContainerRegistry NewInstance(ITableStore tables) => new(tables, Test.Objects, Test.Options, Test.Time);

    /// <summary>A run that is cut off as soon as it has queued some repositories.</summary>
    /// <returns>Its cursor; null when there was nothing left to queue, and it came to its end.</returns>
    private async Task<string?> CutOffAsync(ITableStore tables, string? from)
    {
        string? cursor = null;
        var walk = new WalkCursor(from, (reached, _) =>
        {
            if (CollectionCursor.Parse(reached).Policy is null) return Task.CompletedTask;
            cursor = reached;
            throw new OperationCanceledException();
        });
        await Record.ExceptionAsync(() => NewInstance(tables).GarbageCollector.CollectAsync(s_untagged, null, walk, default));
        return cursor;
    }

    /// <summary>Tables that tell which repositories are queued, many at a time.</summary>
    private sealed class WatchedQueue(ITableStore inner) : PassingTableStore(inner)
    {
        public List<string> Queued { get; } = [];

        public override Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
        {
            lock (Queued) Queued.AddRange(batch.Where(w => w is RowWrite.UpsertMerge && TableKeys.RepositoryQueue.Covers(w.Key.Partition)).Select(w => w.Key.Row));
            return base.WriteAsync(table, batch, cancellationToken);
        }
    }
}
