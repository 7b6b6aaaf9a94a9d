using Serverless.Registry.Core;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Core;

public sealed class LockTests
{
    private static readonly Tag s_tag = Tag.Parse("v1");
    private readonly TestRegistry _test = new();

    private Repository App => _test.Repository;

    [Fact]
    public async Task A_locked_tag_is_neither_moved_nor_deleted_in_any_way()
    {
        var image = await PushImageAsync(App, "1", "v1", "free");
        var index = ManifestBuilder.ForIndex().Append(image.Descriptor).Build();
        await App.Manifests.PutAsync(index, TagsOf("all"), default);
        await LockAsync(By("v1"));
        var other = await BuildImageAsync(App, "2");
        await DeniedAsync(() => App.Manifests.PutAsync(other, [s_tag], default));
        await App.Manifests.PutAsync(other, [], default);
        await DeniedAsync(() => App.Tags.PutAsync(s_tag, other.Digest, default));
        await DeniedAsync(() => App.Tags.DeleteAsync(s_tag, default));
        await DeniedAsync(() => App.Manifests.DeleteAsync(image.Digest, default));
        await DeniedAsync(() => App.Blobs.DeleteAsync(image.Content.Blobs[1].Digest, default));
        await DeniedAsync(() => _test.Registry.RemoveAsync(App.Name, default));
        _test.Time.Advance(TimeSpan.FromMinutes(1));
        await _test.Registry.Retention.ApplyAsync([new RetentionRule { Repositories = "*", Tags = ".*", OlderThan = TimeSpan.FromTicks(1) }], false, null, default);
        Assert.Equal([s_tag], await App.Tags.ListAsync(default).ToListAsync());
        // What it points at may be pushed again, and what is not part of it may go.
        await App.Manifests.PutAsync(image, [s_tag], default);
        Assert.True(await App.Manifests.DeleteAsync(index.Digest, default));
    }

    [Fact]
    public async Task A_locked_manifest_stays_with_its_children_also_without_a_tag()
    {
        var image = await PushImageAsync(App, "1");
        var index = ManifestBuilder.ForIndex().Append(image.Descriptor).Build();
        await App.Manifests.PutAsync(index, [], default);
        await LockAsync(By(index.Digest));
        await DeniedAsync(() => App.Manifests.DeleteAsync(index.Digest, default));
        await DeniedAsync(() => App.Manifests.DeleteAsync(image.Digest, default));
        var policy = new CollectionOptions { DeleteUntagged = true, UntaggedAge = _test.Options.Grace };
        _test.Time.Advance(TimeSpan.FromDays(30));
        Assert.Equal(0, (await _test.NewInstance().GarbageCollector.CollectAsync(policy with { Repository = App.Name }, null, default)).Count(CollectedKind.Manifest));
        Assert.True(await _test.Registry.Locks.UnlockAsync(App.Name, By(index.Digest), default));
        Assert.Equal(2, (await _test.NewInstance().GarbageCollector.CollectAsync(policy with { Repository = App.Name }, null, default)).Count(CollectedKind.Manifest));
    }

    [Fact]
    public async Task Another_instance_knows_of_a_lock_after_five_seconds()
    {
        var other = _test.NewInstance().GetRepository(App.Name);
        await PushImageAsync(other, "1", "v1");
        await LockAsync(By("v1"));
        _test.Time.Advance(TimeSpan.FromSeconds(6));
        await DeniedAsync(() => other.Tags.DeleteAsync(s_tag, default));
        Assert.True(await _test.Registry.Locks.UnlockAsync(App.Name, By("v1"), default));
        Assert.False(await _test.Registry.Locks.UnlockAsync(App.Name, By("v1"), default));
        _test.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.True(await other.Tags.DeleteAsync(s_tag, default));
    }

    [Fact]
    public async Task A_lock_is_of_one_repository()
    {
        var other = _test.Open("team/app/v1");
        await PushImageAsync(App, "1", "v1");
        await PushImageAsync(other, "1", "v1");
        await LockAsync(By("v1"));
        Assert.True(await other.Tags.DeleteAsync(s_tag, default));
        var held = Assert.Single(await _test.Registry.Locks.ListAsync(default));
        Assert.Equal((App.Name, "v1", "ann"), (held.Repository, held.Reference.ToString(), held.Actor));
    }

    [Fact]
    public async Task There_is_an_end_to_locks()
    {
        for (var i = 0; i < RegistryLocks.Most; i++) await LockAsync(By($"v{i}"));
        await AssertRefusedAsync(RegistryError.Unsupported, () => LockAsync(By("one-more")));
    }

    [Theory]
    [InlineData("sha256-44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", false)]
    [InlineData("sha256-44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a.sig", false)]
    [InlineData("sha256-x", true)]
    [InlineData("v1", true)]
    public void A_rule_leaves_out_the_tags_in_which_clients_keep_lists_of_referrers(string tag, bool holds) =>
        Assert.Equal(holds, new ImmutableTags("*", "*", []).Match(App.Name, Tag.Parse(tag)));

    private Task LockAsync(Reference reference) => _test.Registry.Locks.LockAsync(App.Name, reference, "ann", default);

    private static Task DeniedAsync(Func<Task> act) => AssertRefusedAsync(RegistryError.Denied, act);
}
