using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>Which changes are told of, and what is written for it.</summary>
public sealed class EventWriteTests : EventTest
{
    private readonly FakeEndpoint _ci = new();

    [Fact]
    public async Task Without_endpoints_nothing_is_written()
    {
        await PushImageAsync(App, "1", "v1");
        await App.Tags.DeleteAsync(Tag.Parse("v1"), default);
        var (events, outbox) = await RowsAsync();
        Assert.Empty(events);
        Assert.Empty(outbox);
    }

    [Fact]
    public async Task Blobs_and_manifests_are_told_of_when_they_are_pushed_and_each_tag_is()
    {
        Start(_ci);
        var image = await PushImageAsync(App, "1", "v1", "v2");
        await App.Manifests.PutAsync(image, [], default);
        await SweepAsync();
        Assert.Equal(
            ((IEnumerable<string>)[.. image.References.Select(r => $"Push blob team/app@{r.Digest}"), $"Push team/app:v1@{image.Digest}", $"Push team/app:v2@{image.Digest}", $"Push team/app@{image.Digest}"]).Order(),
            _ci.Words().Order());
        Assert.Equal(5, _ci.Told.Select(e => e.Id).Distinct().Count());
        Assert.All(_ci.Told, e => Assert.True(Guid.TryParse(e.Id, out _)));
    }

    [Fact]
    public async Task An_event_has_everything_that_is_known()
    {
        Start(_ci);
        var origin = new ChangeOrigin { Actor = "ann", RequestId = "r1", Address = "192.0.2.1", Host = "registry.example", Method = "PUT", UserAgent = new string('x', 300) };
        var repository = Test.Registry.GetRepository(App.Name, origin);
        var image = await PushImageAsync(repository, "1", "v1");
        await SweepAsync();
        var told = _ci.Told.Single(e => !e.IsBlob);
        Assert.Equal(
            (EventAction.Push, App.Name, image.Digest, image.MediaType, (long)image.Payload.Length, MediaTypes.OciConfig, Tag.Parse("v1")),
            (told.Action, told.Repository, told.Digest!.Value, told.MediaType, told.Size!.Value, told.ArtifactType, told.Tag!.Value));
        Assert.Equal(origin with { UserAgent = new string('x', 256) }, told.Origin);
        Assert.Equal(Test.Time.GetUtcNow() - TimeSpan.FromMinutes(6), told.Time);
    }

    [Fact]
    public async Task A_mount_tells_where_the_blob_is_from()
    {
        Start(_ci);
        var blob = await Test.Open("base").Blobs.PutAsync(Utf8("x"), default);
        Test.Time.Advance(TimeSpan.FromSeconds(1));
        await App.Blobs.MountAsync(blob.Digest, RepositoryName.Parse("base"), default);
        await SweepAsync();
        Assert.Equal([$"Push blob base@{blob.Digest}", $"Mount blob team/app@{blob.Digest} from base"], _ci.Words());
    }

    [Fact]
    public async Task Deletions_are_told_of_with_each_tag_that_goes()
    {
        Start(_ci);
        var (one, two) = (await PushImageAsync(App, "1", "v1"), await PushImageAsync(App, "2", "v2", "v3"));
        await App.Tags.DeleteAsync(Tag.Parse("v1"), default);
        await App.Manifests.DeleteAsync(two.Digest, default);
        await App.Blobs.DeleteAsync(one.Content.Blobs[1].Digest, default);
        await SweepAsync();
        Assert.Equal(
            ((IEnumerable<string>)[$"Delete blob team/app@{one.Content.Blobs[1].Digest}", $"Delete team/app:v1@{one.Digest}", $"Delete team/app:v2@{two.Digest}", $"Delete team/app:v3@{two.Digest}", $"Delete team/app@{two.Digest}"]).Order(),
            _ci.Words().Where(w => w.StartsWith("Delete", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task A_manifest_with_more_tags_than_a_batch_holds_tells_of_all_of_them()
    {
        Start(_ci);
        var image = await BuildImageAsync(App, "1");
        foreach (var tags in Enumerable.Range(0, 120).Chunk(10)) await App.Manifests.PutAsync(image, TagsOf([.. tags.Select(t => $"t{t}")]), default);
        await App.Manifests.DeleteAsync(image.Digest, default);
        await SweepAsync();
        Assert.Equal(121, _ci.Told.Where(e => e.Action == EventAction.Delete).Select(e => e.Tag).Distinct().Count());
    }

    [Fact]
    public async Task The_removal_of_a_repository_is_told_of_once()
    {
        Start(_ci);
        for (var i = 0; i < 120; i++) await PushImageAsync(App, $"{i}", $"t{i}");
        Assert.True(await Test.Registry.RemoveAsync(App.Name, default));
        await SweepAsync();
        Assert.Equal("Delete team/app", Assert.Single(_ci.Words(), w => w.StartsWith("Delete", StringComparison.Ordinal)));
        Assert.False(await Test.Registry.RemoveAsync(RepositoryName.Parse("nobody/pushed"), default));
        await SweepAsync();
        Assert.Single(_ci.Words(), w => w.StartsWith("Delete", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Rules_and_the_collector_tell_of_what_they_delete()
    {
        Start(_ci);
        var image = await PushImageAsync(App, "1", "v1");
        Test.Time.Advance(TimeSpan.FromDays(40));
        await Test.Registry.Retention.ApplyAsync([new RetentionRule { OlderThan = TimeSpan.FromDays(30) }], false, null, default);
        for (var day = 0; day < 12; day++)
        {
            Test.Time.Advance(TimeSpan.FromDays(1));
            await Test.Registry.GarbageCollector.CollectAsync(new CollectionOptions { DeleteUntagged = true }, null, null, default);
        }

        await SweepAsync();
        Assert.Equal(
            [("Delete team/app:v1@" + image.Digest, "retention"), ("Delete team/app@" + image.Digest, "garbage collection")],
            _ci.Told.Where(e => e.Action == EventAction.Delete).Select(e => (FakeEndpoint.Words(e), e.Origin.Actor!)));
    }

    [Fact]
    public async Task A_restored_tag_is_told_of_as_pushed()
    {
        Start(_ci);
        var image = await PushImageAsync(App, "1", "v1");
        await App.Manifests.DeleteAsync(image.Digest, default);
        await App.Manifests.UndeleteAsync(By(image.Digest), default);
        await SweepAsync();
        Assert.Equal(2, _ci.Words().Count(w => w == $"Push team/app:v1@{image.Digest}"));
    }

    [Fact]
    public async Task An_index_of_many_children_has_room_for_its_events()
    {
        FakeEndpoint[] eight = [.. Enumerable.Range(0, RegistryOptions.MaxEventEndpoints).Select(i => new FakeEndpoint($"e{i}"))];
        Start(eight);
        var index = ManifestBuilder.ForIndex();
        for (var i = 0; i < 60; i++) index.Append((await PushImageAsync(App, $"{i}")).Descriptor);
        await App.Manifests.PutAsync(index.Build(), TagsOf([.. Enumerable.Range(0, 10).Select(i => $"t{i}")]), default);
        await SweepAsync();
        Assert.All(eight, e => Assert.Equal(10, e.Told.Count(t => t.Tag is not null)));
    }

    [Fact]
    public async Task A_large_manifest_is_no_blob_that_was_pushed()
    {
        Start(_ci);
        var large = await BuildImageAsync(App, "1", b => b.Annotations["x"] = new string('x', 700 * 1024));
        await App.Manifests.PutAsync(large, TagsOf("v1"), default);
        await SweepAsync();
        Assert.Equal($"Push team/app:v1@{large.Digest}", Assert.Single(_ci.Words(), w => w.Contains(large.Digest.ToString(), StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Each_endpoint_is_told_of_what_it_wants()
    {
        var (some, none, images) = (
            new FakeEndpoint("some") { Subscription = new EventSubscription("some") { Repositories = ["other/*"], Actions = [EventAction.Push, EventAction.Pull] } },
            new FakeEndpoint("none") { Subscription = new EventSubscription("none") { IgnoredMediaTypes = [MediaTypes.OctetStream, MediaTypes.OciManifest] } },
            new FakeEndpoint("images") { Subscription = new EventSubscription("images") { Blobs = false } });
        Start(some, none, images);
        await PushImageAsync(App, "1", "v1");
        await PushImageAsync(Test.Open("other/app"), "2", "v1");
        await Test.Open("other/app").Tags.DeleteAsync(Tag.Parse("v1"), default);
        await SweepAsync();
        Assert.Equal((3, 0, 3), (some.Told.Count, none.Told.Count, images.Told.Count));
        var (events, _) = await RowsAsync();
        Assert.Empty(events);
    }

    [Fact]
    public async Task Pulls_are_told_of_where_somebody_asks()
    {
        Start(_ci, new FakeEndpoint("pulls") { Subscription = new EventSubscription("pulls") { Actions = [EventAction.Pull] } });
        var image = await PushImageAsync(App, "1", "v1");
        await Test.Registry.TellPulledAsync(App.Name, image.Descriptor, Tag.Parse("v1"), isBlob: false, ChangeOrigin.Of("ann"), default);
        await Test.Registry.TellPulledAsync(App.Name, image.Content.Blobs[0], null, isBlob: true, ChangeOrigin.Of("ann"), default);
        await SweepAsync();
        Assert.Equal(((IEnumerable<string>)[$"Pull team/app:v1@{image.Digest}", $"Pull blob team/app@{image.Content.Blobs[0].Digest}"]).Order(), Endpoints[1].Words().Order());
        Assert.DoesNotContain(_ci.Words(), w => w.StartsWith("Pull", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_refused_is_not_told_of()
    {
        Start(_ci);
        var image = await BuildImageAsync(App, "1");
        await App.Blobs.DeleteAsync(image.Content.Blobs[1].Digest, default);
        await Assert.ThrowsAsync<RegistryException>(() => App.Manifests.PutAsync(image, TagsOf("v1"), default));
        await SweepAsync();
        Assert.DoesNotContain(_ci.Told, e => !e.IsBlob);
    }

    [Fact]
    public async Task The_outbox_row_is_written_before_the_change_and_not_again_for_ten_minutes()
    {
        Start(_ci);
        await PushImageAsync(App, "1", "v1");
        var before = (await RowsAsync()).Outbox.Single(r => r.Key.Row == TableKeys.Encode(App.Name));
        Test.Time.Advance(TimeSpan.FromMinutes(9));
        await PushImageAsync(App, "2", "v2");
        Assert.Equal(before.ETag, (await RowsAsync()).Outbox.Single(r => r.Key == before.Key).ETag);
        Test.Time.Advance(TimeSpan.FromMinutes(2));
        await PushImageAsync(App, "3", "v3");
        Assert.NotEqual(before.ETag, (await RowsAsync()).Outbox.Single(r => r.Key == before.Key).ETag);
    }
}
