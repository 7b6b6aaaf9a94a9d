using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Xunit;

namespace Serverless.Registry.Tests.GarbageCollection;

/// <summary>Who is cut off goes on where he was, so that what stands last has its turn too.</summary>
public sealed class CollectorCursorTests : GarbageTest
{
    private static readonly string[] s_names = ["a", "a-b/c", "a.b", "a/b", "b"];
    private static readonly CollectionOptions s_options = new() { MaxParallel = 1 };
    private readonly List<string> _seen = [];

    [Fact]
    public async Task A_run_that_is_cut_off_anywhere_is_gone_on_with_after_the_last_repository_that_is_done()
    {
        foreach (var name in s_names)
        {
            var upload = await Test.Open(name).Blobs.StartUploadAsync(default);
            await upload.AppendAsync(TestRegistry.Body(Any.Content(10)), null, default);
        }

        Wait();
        string? cursor = null;
        for (var run = 0; run < 20 && _seen.Count < s_names.Length; run++)
        {
            var stop = new WalkCursor(cursor, (reached, _) =>
            {
                cursor = reached;
                throw new OperationCanceledException();
            });
            await Record.ExceptionAsync(() => Test.Registry.GarbageCollector.CollectAsync(s_options, See, stop, default));
        }

        Assert.Equal(s_names.Length, _seen.Count);
        Assert.Equal(s_names, _seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Runs_without_time_for_all_look_at_the_last_as_often_as_at_the_first()
    {
        foreach (var name in s_names) await Test.Open(name).Blobs.PutAsync(Any.Content(10, name.Length), default);
        var visits = s_names.ToDictionary(n => TableKeys.Encode(n), _ => 0);
        string? cursor = null;
        for (var run = 0; run < 60; run++)
        {
            Wait();
            foreach (var name in s_names) await Test.Open(name).Blobs.PutAsync(Any.Content(10, run), default);
            // Each repository takes an hour, and a run has time for two.
            var tables = new SlowReviews(Test.Tables, partition =>
            {
                Test.Time.Advance(TimeSpan.FromHours(1));
                visits[partition]++;
            });
            var collector = new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time).GarbageCollector;
            var walk = new WalkCursor(cursor, (reached, _) =>
            {
                cursor = reached;
                return Task.CompletedTask;
            });
            await collector.CollectAsync(s_options with { TimeBudget = TimeSpan.FromHours(1.5) }, null, walk, default);
        }

        Assert.InRange(visits.Values.Min(), visits.Values.Max() - 2, int.MaxValue);
        Assert.InRange(visits.Values.Min(), 10, int.MaxValue);
    }

    [Fact]
    public async Task Blobs_have_their_share_however_many_repositories_there_are()
    {
        foreach (var name in s_names) await TestRegistry.PushImageAsync(Test.Open(name), name, "v1");
        var blob = await Test.Open("z").Blobs.PutAsync(Any.Content(1000), default);
        await Test.Open("z").Blobs.DeleteAsync(blob.Digest, default);
        List<CollectedItem> items = [];
        var unfinished = 0;
        for (var run = 0; run < 4; run++)
        {
            Wait();
            foreach (var name in s_names) await TestRegistry.PushImageAsync(Test.Open(name), name, "v1");
            // The first repository takes all the time that repositories have.
            var tables = new SlowReviews(Test.Tables, _ => Test.Time.Advance(TimeSpan.FromMinutes(3)));
            var collector = new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time).GarbageCollector;
            var summary = await collector.CollectAsync(s_options, items.Add, default);
            unfinished += summary.Finished ? 0 : 1;
        }

        Assert.InRange(unfinished, 1, 4);
        Assert.Equal(blob.Digest, Assert.Single(items, i => i.Kind == CollectedKind.Blob).Digest);
    }

    [Fact]
    public void A_cursor_comes_back_as_it_was_written()
    {
        CollectionCursor[] cursors = [CollectionCursor.Start, new("a/b", null, null), new(null, "a.b", "sha256:00"), new(null, null, "x")];
        foreach (var cursor in cursors) Assert.Equal(cursor, CollectionCursor.Parse(cursor.ToString()));
        foreach (var text in (string?[])[null, "", "x", "a b", "a b c d"]) Assert.Equal(CollectionCursor.Start, CollectionCursor.Parse(text));
    }

    private void See(CollectedItem item)
    {
        if (item.Kind == CollectedKind.Upload) _seen.Add(item.Repository!.Value.ToString());
    }

    /// <summary>Tables in which something happens whenever the manifests of a repository are read.</summary>
    private sealed class SlowReviews(ITableStore inner, Action<string> happens) : PassingTableStore(inner)
    {
        public override Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
        {
            if (query.From == TableKeys.ManifestPrefix) happens(query.Partition!);
            return base.QueryAsync(table, query, continuation, cancellationToken);
        }
    }
}
