using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>How endpoints are told: at least once, in order, each time under the same id.</summary>
public sealed class EventDeliveryTests : EventTest
{
    [Fact]
    public async Task What_is_delivered_is_gone()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        Assert.Null(await NewDelivery().DeliverAsync(Place, default));
        Assert.Single(Endpoints[0].Told);
        Assert.Empty((await RowsAsync()).Events);
        Assert.Null(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal(1, Endpoints[0].Asked);
    }

    [Fact]
    public async Task A_repository_s_events_come_in_their_order()
    {
        Start(Tags());
        for (var i = 0; i < 250; i++)
        {
            await PushImageAsync(App, "same", $"t{i}");
            Test.Time.Advance(TimeSpan.FromMilliseconds(2));
        }

        await NewDelivery().DeliverAsync(Place, default);
        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"t{i}"), Endpoints[0].Told.Select(e => e.Tag.ToString()));
    }

    [Fact]
    public async Task Order_is_that_of_storage_also_where_keys_are_by_another_clock()
    {
        Start(Tags(new EndpointOptions { Ordered = true }));
        await PushImageAsync(App, "same", "t0");
        var first = (await RowsAsync()).Events.Single();
        for (var i = 1; i < 250; i++)
        {
            Test.Time.Advance(TimeSpan.FromMilliseconds(1));
            // An instance whose clock is ahead, and one that is right, by turns.
            var id = EventRow.NewId(Test.Time.GetUtcNow() + TimeSpan.FromMilliseconds(i % 2 == 0 ? 0 : 40));
            await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Insert(Place.Event("ci", id), new Dictionary<string, object>(first.Properties) { ["tags"] = $"t{i}" }), default);
        }

        await NewDelivery().DeliverAsync(Place, default);
        Assert.Equal(Enumerable.Range(0, 250).Select(i => $"t{i}"), Endpoints[0].Told.Select(e => e.Tag.ToString()));
    }

    [Fact]
    public async Task Every_attempt_has_the_same_id()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1", "v2");
        List<(string Id, string Tag)> asked = [];
        Endpoints[0].Answer = e =>
        {
            asked.Add((e.Id, e.Tag.ToString()!));
            return asked.Count < 4 ? Down : DeliveryOutcome.Delivered;
        };
        for (var i = 0; i < 5; i++) await SweepAsync();
        Assert.True(asked.Count > 4);
        Assert.Equal(2, asked.Distinct().Count());
    }

    [Fact]
    public async Task Endpoints_do_not_wait_for_one_another()
    {
        Start(Tags(name: "up"), Tags(name: "down"));
        Endpoints[1].Answer = _ => Down;
        await PushImageAsync(App, "1", "v1");
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal((1, 0), (Endpoints[0].Told.Count, Endpoints[1].Told.Count));
        Endpoints[1].Answer = _ => DeliveryOutcome.Delivered;
        await SweepAsync(TimeSpan.FromMinutes(20));
        Assert.Equal((1, 1), (Endpoints[0].Told.Count, Endpoints[1].Told.Count));
    }

    [Fact]
    public async Task Two_do_not_tell_one_endpoint_of_one_repository_at_once_and_nothing_is_left_behind()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        DateTimeOffset? second = default;
        var other = NewDelivery();
        Endpoints[0].Answer = e =>
        {
            if (e.Tag.ToString() == "v1")
            {
                // Meanwhile somebody pushes, and somebody else comes to deliver it: he is told to come back in case the first one has died.
                PushImageAsync(App, "2", "v2").GetAwaiter().GetResult();
                second = other.DeliverAsync(Place, default).GetAwaiter().GetResult();
                Assert.Null(other.DeliverAsync(Place, default).GetAwaiter().GetResult());
            }

            return DeliveryOutcome.Delivered;
        };
        Assert.Null(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal(["v1", "v2"], Endpoints[0].Told.Select(e => e.Tag.ToString()));
        Assert.Equal(Test.Time.GetUtcNow() + TimeSpan.FromMinutes(5), second);
        Assert.Empty((await RowsAsync()).Events);
    }

    [Fact]
    public async Task Who_is_told_to_stop_lets_the_next_one_begin_at_once()
    {
        Start(Tags());
        for (var i = 0; i < 3; i++) await PushImageAsync(App, $"{i}", $"t{i}");
        using var stop = new CancellationTokenSource();
        Endpoints[0].Answer = _ =>
        {
            stop.Cancel();
            return DeliveryOutcome.Delivered;
        };
        await Assert.ThrowsAsync<OperationCanceledException>(() => NewDelivery().DeliverAsync(Place, stop.Token));
        Endpoints[0].Answer = _ => DeliveryOutcome.Delivered;
        Assert.Null(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal(3, Endpoints[0].Told.Count);
    }

    [Fact]
    public async Task References_are_told_where_they_are_asked_for_also_of_what_was_deleted_meanwhile()
    {
        Start(Tags(new EndpointOptions { IncludeReferences = true }));
        var image = await PushImageAsync(App, "1", "v1");
        await App.Manifests.DeleteAsync(image.Digest, default);
        await NewDelivery().DeliverAsync(Place, default);
        Assert.Equal(image.References.Select(r => r.Digest), Endpoints[0].Told.Single(e => e.Action == EventAction.Push).References.Select(r => r.Digest));
        Assert.All(Endpoints[0].Told.Where(e => e.Action == EventAction.Delete), e => Assert.Empty(e.References));
    }
}
