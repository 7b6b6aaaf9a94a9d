using Serverless.Registry.Backup;
using Serverless.Registry.Backup.Archives;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Registry.Tests.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Backup;

/// <summary>Somebody does something to the registry before each call that a backup makes to it, one after the other.</summary>
public sealed class BackupRaceTests : BackupTest
{
    private static readonly Tag s_tag = Tag.Parse("v1");

    /// <summary>An image is pushed under the tag and what it pointed at before is deleted, with its blobs.</summary>
    [Fact]
    public Task A_tag_that_moves_while_its_manifest_goes_leads_to_something_in_the_backup() => EachAsync(async round =>
    {
        var before = (await App.Tags.FindAsync(s_tag, default))!.Digest;
        var old = (await App.Manifests.GetAsync(TestRegistry.By(before), default))!.Parse(ManifestTypes.Default);
        await TestRegistry.PushImageAsync(App, $"new {round}", "v1");
        if (await App.Tags.FindAsync(Tag.Parse("both"), default) is { } index) await App.Manifests.DeleteAsync(index.Digest, default);
        await App.Manifests.DeleteAsync(before, default);
        foreach (var blob in old.Content.Blobs) await App.Blobs.DeleteAsync(blob.Digest, default);
    });

    /// <summary>The same, and what has no tag is collected at once: a grace has passed for everything that was there before.</summary>
    [Fact]
    public Task What_is_collected_meanwhile_is_whole_in_the_backup_or_not_in_it() => EachAsync(
        async round =>
        {
            await TestRegistry.PushImageAsync(App, $"new {round}", "v1");
            await Source.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions { DeleteUntagged = true, UntaggedAge = Source.Options.Grace }, null, default);
        },
        before: () => Source.Time.Advance(TimeSpan.FromDays(2)));

    /// <summary>An index is pushed whose children sort before it or after it.</summary>
    [Fact]
    public Task An_index_that_comes_meanwhile_has_its_children_in_the_backup() => EachAsync(async round =>
    {
        var children = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => TestRegistry.PushImageAsync(App, $"child {round} {i}")));
        var builder = ManifestBuilder.ForIndex();
        foreach (var child in children) builder.Append(child.Descriptor);
        await App.Manifests.PutAsync(builder.Build(), [s_tag, Tag.Parse("index")], default);
    });

    /// <summary>The repository goes as a whole.</summary>
    [Fact]
    public Task A_repository_that_goes_meanwhile_is_whole_in_the_backup_or_empty() => EachAsync(_ => Source.NewInstance().RemoveAsync(App.Name, default), mayBeEmpty: true);

    private async Task EachAsync(Func<int, Task> act, Action? before = null, bool mayBeEmpty = false)
    {
        for (var call = 0; ; call++)
        {
            Source = new TestRegistry(maxPageSize: 3);
            var image = await TestRegistry.PushImageAsync(App, $"old {call}", "v1", "other");
            await App.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(image.Descriptor).Build(), TestRegistry.TagsOf("both"), default);
            before?.Invoke();
            var tables = new InterruptedReads(Source.Tables, call, () => act(call));
            var registry = new ContainerRegistry(tables, Source.Objects, Source.Options, Source.Time);
            var archive = new ContainerArchive(new InMemoryObjectStore(TimeProvider.System));
            var backup = await registry.Backups(archive).RunAsync(true, new BackupProgress(), Findings.Add, default);
            Assert.NotNull(backup.Ended);
            var target = new TestRegistry();
            await target.Registry.Backups(archive).RestoreAsync(new RestoreOptions(null, null, false), new BackupProgress(), Findings.Add, default);
            Assert.Empty(Findings);
            await AssertWholeAsync(target);
            if (!mayBeEmpty) Assert.NotNull(await target.Repository.Tags.FindAsync(s_tag, default));
            if (!tables.Reached)
            {
                Assert.InRange(call, 8, 200);
                return;
            }
        }
    }

    /// <summary>Somebody else acts before the read of that number.</summary>
    private sealed class InterruptedReads(ITableStore inner, int at, Func<Task> act) : PassingTableStore(inner)
    {
        private int _calls;

        public bool Reached => Volatile.Read(ref _calls) > at;

        public override async Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken)
        {
            await ActAsync();
            return await Inner.FindAsync(table, key, cancellationToken);
        }

        public override async Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
        {
            await ActAsync();
            return await Inner.QueryAsync(table, query, continuation, cancellationToken);
        }

        private async Task ActAsync()
        {
            if (Interlocked.Increment(ref _calls) == at + 1) await act();
        }
    }
}
