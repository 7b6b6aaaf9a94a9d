using Serverless.Registry.Core;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Serverless.Testing;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Manifests;

/// <summary>A repository is removed while others push to it.</summary>
public sealed class RepositoryRemovalTests
{
    private readonly TestRegistry _test = new();

    private Repository Repository => _test.Repository;

    [Fact]
    public async Task Calls_grow_with_the_rows_and_not_with_manifests_times_tags()
    {
        var calls = new List<int>();
        foreach (var count in (int[])[100, 200, 400])
        {
            for (var i = 0; i < count; i++) await PushImageAsync(Repository, $"{i}", $"a{i}", $"b{i}", "latest");
            var probe = new StorageProbe();
            var stores = probe.Watch((_test.Tables, _test.Objects));
            List<RemovalProgress> told = [];
            var removed = await new ContainerRegistry(stores.Tables, stores.Objects, _test.Options, _test.Time).RemoveAsync(Repository.Name, told.Add, default);
            Assert.Equal(new RemovalProgress((2 * count) + 1, count, 0), removed);
            Assert.Equal(removed, told[^1]);
            Assert.InRange(told.Count, count / 50, count);
            calls.Add(probe.Counts.Table);
        }

        // A batch for each 100 tags and each 50 manifests, and a few pages.
        Assert.InRange(calls[2], 16, 24);
        Assert.InRange(calls[2], calls[1], 2 * calls[1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10_000)]
    public async Task Indexes_within_indexes_go_before_what_they_name_however_few_are_held_at_a_time(int mostAtOnce)
    {
        var outer = await PushIndexesAsync();
        var context = new RegistryContext(_test.Tables, _test.Objects, _test.Options, _test.Time);
        List<RemovalProgress> told = [];
        var removed = await new RepositoryRemoval(context, Repository.Name, p => CheckEachStep(told, p), mostAtOnce).RunAsync(true, default);
        Assert.Equal(new RemovalProgress(3, 10, 0), removed);
        Assert.Empty(await LibraryListAsync());
        Assert.Empty((await Repository.Referrers.ListPageAsync(outer.Digest, null, 10, null, default)).Referrers);

        void CheckEachStep(List<RemovalProgress> steps, RemovalProgress step)
        {
            steps.Add(step);
            StoreAudit.ReadAsync((_test.Tables, _test.Objects)).GetAwaiter().GetResult().AssertSound();
        }
    }

    [Theory]
    [InlineData("push an index", 3)]
    [InlineData("tag an index", 6)]
    [InlineData("tag an image", 1)]
    [InlineData("push an image", 1)]
    public async Task What_somebody_pushes_or_tags_meanwhile_stays_with_all_that_it_names(string what, int stay)
    {
        var outer = await PushIndexesAsync();
        var images = new List<Manifest>();
        for (var i = 0; i < 2; i++) images.Add(await BuildImageAsync(Repository, $"{i}"));
        var pushed = ManifestBuilder.ForIndex().Append(images[0].Descriptor).Append(images[1].Descriptor).Build();
        // At the last moment: all has been read, and the first manifest is about to go.
        var tables = new InterruptedTableStore(_test.Tables, w => w is RowWrite.Delete && w.Key.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal), () => what switch
        {
            "push an index" => Repository.Manifests.PutAsync(pushed, TagsOf("new"), default),
            "tag an index" => Repository.Tags.PutAsync(Tag.Parse("new"), outer.Digest, default),
            "tag an image" => Repository.Tags.PutAsync(Tag.Parse("new"), images[0].Digest, default),
            _ => Repository.Manifests.PutAsync(images[0], TagsOf("new"), default),
        });
        var registry = new ContainerRegistry(tables, _test.Objects, _test.Options, _test.Time);
        // Long after the last push, when an empty repository would leave the catalog.
        _test.Time.Advance(TimeSpan.FromHours(5));
        var removed = await registry.RemoveAsync(Repository.Name, null, default);
        (await StoreAudit.ReadAsync((_test.Tables, _test.Objects))).AssertSound();
        Assert.Equal(stay, removed!.Kept);
        Assert.Equal(stay, (await LibraryListAsync()).Count);
        Assert.NotNull(await Repository.Tags.FindAsync(Tag.Parse("new"), default));
        Assert.True(await _test.Registry.ContainsAsync(Repository.Name, default));

        Assert.True(await _test.Registry.RemoveAsync(Repository.Name, default));
        Assert.Empty(await LibraryListAsync());
    }

    [Fact]
    public async Task What_an_index_names_is_read_from_its_content_where_its_row_does_not_tell()
    {
        var outer = await PushIndexesAsync();
        var key = TableKeys.Manifest(Repository.Name, outer.Digest);
        var tables = new InterruptedTableStore(_test.Tables, w => w is RowWrite.Delete && w.Key.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal), async () =>
        {
            await Repository.Tags.PutAsync(Tag.Parse("new"), outer.Digest, default);
            var properties = (await _test.Tables.FindAsync(TableKeys.RegistryTable, key, default))!.Properties.Where(p => p.Key != "references").ToDictionary();
            await _test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Upsert(key, properties), default);
        });
        var removed = await new ContainerRegistry(tables, _test.Objects, _test.Options, _test.Time).RemoveAsync(Repository.Name, null, default);
        Assert.Equal(6, removed!.Kept);
        (await StoreAudit.ReadAsync((_test.Tables, _test.Objects))).AssertSound();
    }

    [Fact]
    public async Task An_immutable_tag_keeps_everything()
    {
        var test = new TestRegistry(new RegistryOptions { ImmutableTags = [new ImmutableTags("team/*", "v*", [])] });
        await PushImageAsync(test.Repository, "1", "a");
        await PushImageAsync(test.Repository, "2", "v1");
        await AssertRefusedAsync(RegistryError.Denied, () => test.Registry.RemoveAsync(test.Repository.Name, default));
        Assert.Equal(2, (await ListAsync(test.Repository.Manifests.ListAsync(default))).Count);
        Assert.Equal(2, (await ListAsync(test.Repository.Tags.ListAsync(default))).Count);
    }

    [Fact]
    public async Task Read_only_mode_stops_it()
    {
        await PushImageAsync(Repository, "1", "a");
        var registry = new ContainerRegistry(_test.Tables, _test.Objects, _test.Options with { Switches = new SwitchState { ReadOnly = true } }, _test.Time);
        await AssertRefusedAsync(RegistryError.Unsupported, () => registry.RemoveAsync(Repository.Name, default));
        Assert.NotNull(await Repository.Tags.FindAsync(Tag.Parse("a"), default));
    }

    [Fact]
    public async Task A_manifest_without_its_row_among_the_referrers_goes_too()
    {
        var subject = await PushImageAsync(Repository, "1", "a");
        var referrer = await BuildImageAsync(Repository, "2", b => b.Subject = subject.Descriptor);
        await Repository.Manifests.PutAsync(referrer, [], default);
        await _test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Delete(TableKeys.Referrer(Repository.Name, subject.Digest, referrer.Digest), "*"), default);
        Assert.Equal(new RemovalProgress(1, 2, 0), await _test.Registry.RemoveAsync(Repository.Name, null, default));
    }

    /// <returns>An index of an index of two images, and of one more; beside it five images of its own and a referrer.</returns>
    private async Task<Manifest> PushIndexesAsync()
    {
        List<Manifest> images = [];
        for (var i = 0; i < 7; i++) images.Add(await PushImageAsync(Repository, $"{i}", i == 6 ? ["image", "other"] : []));
        var inner = ManifestBuilder.ForIndex().Append(images[0].Descriptor).Append(images[1].Descriptor).Append(images[2].Descriptor).Build();
        await Repository.Manifests.PutAsync(inner, [], default);
        var outer = ManifestBuilder.ForIndex().Append(inner.Descriptor).Append(images[3].Descriptor).Build();
        await Repository.Manifests.PutAsync(outer, TagsOf("index"), default);
        var referrer = await BuildImageAsync(Repository, "referrer", b => b.Subject = outer.Descriptor);
        await Repository.Manifests.PutAsync(referrer, [], default);
        return outer;
    }

    private Task<List<Descriptor>> LibraryListAsync() => ListAsync(Repository.Manifests.ListAsync(default));
}
