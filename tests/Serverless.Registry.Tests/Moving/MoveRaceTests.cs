using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Tests.Storage;
using Xunit;

namespace Serverless.Registry.Tests.Moving;

/// <summary>Something happens to the source at each page that a move reads: what is in the target is right all the same, and the last run brings the rest.</summary>
public sealed class MoveRaceTests : MoveTest
{
    [Fact]
    public Task An_image_is_pushed() => AtEachPageAsync(async () => await TestRegistry.PushImageAsync(App, "late", "late", "v1"));

    [Fact]
    public Task An_index_is_pushed_with_a_referrer() => AtEachPageAsync(async () =>
    {
        var image = await TestRegistry.PushImageAsync(App, "late");
        var index = ManifestBuilder.ForIndex().Append(image.Descriptor).Append((await App.Tags.FindAsync(Tag.Parse("v2"), default))!).Build();
        await App.Manifests.PutAsync(index, TestRegistry.TagsOf("all"), default);
        await App.Manifests.PutAsync(await TestRegistry.BuildImageAsync(App, "signature", b => b.Subject = index.Descriptor), [], default);
    });

    [Fact]
    public Task A_large_manifest_is_pushed() => AtEachPageAsync(async () =>
    {
        var image = await TestRegistry.BuildImageAsync(App, "late");
        byte[] payload = [.. image.Payload.Span, .. Enumerable.Repeat((byte)' ', 700 * 1024)];
        await App.Manifests.PutAsync(ManifestTypes.Default.Parse(image.MediaType, payload), TestRegistry.TagsOf("large"), default);
    });

    [Fact]
    public Task A_repository_is_removed_and_pushed_anew() => AtEachPageAsync(async () =>
    {
        await Source.Registry.RemoveAsync(App.Name, default);
        await TestRegistry.PushImageAsync(App, "1", "v1");
    });

    [Fact]
    public Task Garbage_is_collected() => AtEachPageAsync(async () =>
    {
        await App.Manifests.DeleteAsync((await App.Tags.FindAsync(Tag.Parse("v2"), default))!.Digest, default);
        for (var i = 0; i < 3; i++)
        {
            Wait(Source.Options.Grace + TimeSpan.FromSeconds(1));
            await Source.NewInstance().GarbageCollector.CollectAsync(new CollectionOptions(), null, default);
        }
    });

    [Fact]
    public async Task What_came_behind_the_walk_is_left_to_the_next_run()
    {
        await PrepareAsync();
        await MoveAsync();
        var progress = (await MoveAsync(from: new Disturbed(Source.Tables, TableKeys.RegistryTable, 0, () => TestRegistry.PushImageAsync(App, "late", "late", "v1")))).Progress;
        // The manifest, and the tags that point at it.
        Assert.Equal(3, progress.Left);
        Assert.Null(await Target.Repository.Tags.FindAsync(Tag.Parse("late"), default));
        var image = (await Target.Repository.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest;
        Assert.NotEqual((await App.Tags.FindAsync(Tag.Parse("v1"), default))!.Digest, image);
        Wait(TimeSpan.FromMinutes(5));
        Assert.Equal(0, (await MoveAsync()).Progress.Left);
        Assert.NotNull(await Target.Repository.Tags.FindAsync(Tag.Parse("late"), default));
        await AssertSoundAsync(Target);
    }

    [Fact]
    public async Task What_names_layers_that_need_not_be_there_is_not_held_back()
    {
        var config = await App.Blobs.PutAsync(TestRegistry.Utf8("{}"), default);
        var foreign = new Descriptor("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", TestRegistry.Sha256Of([1]), 1) { Urls = ["https://example.com/layer"] };
        await App.Manifests.PutAsync(ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Append(foreign).Build(), TestRegistry.TagsOf("windows"), default);
        Assert.Equal(0, (await MoveAsync()).Progress.Left);
        Assert.NotNull(await Target.Repository.Tags.FindAsync(Tag.Parse("windows"), default));
    }

    private async Task PrepareAsync()
    {
        var image = await TestRegistry.PushImageAsync(App, "1", "v1");
        var other = await TestRegistry.PushImageAsync(App, "2", "v2");
        await App.Manifests.PutAsync(ManifestBuilder.ForIndex().Append(image.Descriptor).Build(), TestRegistry.TagsOf("all"), default);
        Assert.NotEqual(image.Digest, other.Digest);
        Wait(TimeSpan.FromMinutes(10));
    }

    private async Task AtEachPageAsync(Func<Task> disturb)
    {
        var page = 0;
        for (var reached = true; reached; page++)
        {
            (Source, Target) = (new TestRegistry(maxPageSize: 3), new TestRegistry(maxPageSize: 3));
            await PrepareAsync();
            var disturbed = new Disturbed(Source.Tables, null, page, disturb);
            await MoveAsync(from: disturbed);
            reached = disturbed.Reached;
            await AssertSoundAsync(Target);
            Wait(TimeSpan.FromMinutes(10));
            await MoveAsync();
            await AssertSoundAsync(Target);
            await FinishAsync();
            await AssertMovedAsync();
        }

        Assert.InRange(page, 12, 200);
    }

    /// <summary>Has something happen before a page is read.</summary>
    private sealed class Disturbed(ITableStore inner, string? table, int page, Func<Task> disturb) : PassingTableStore(inner)
    {
        private int _pages;

        public bool Reached { get; private set; }

        public override async Task<RowPage> QueryAsync(string asked, RowQuery query, string? continuation, CancellationToken cancellationToken)
        {
            if ((table is null || table == asked) && !Reached && _pages++ == page)
            {
                Reached = true;
                await disturb();
            }

            return await base.QueryAsync(asked, query, continuation, cancellationToken);
        }
    }
}
