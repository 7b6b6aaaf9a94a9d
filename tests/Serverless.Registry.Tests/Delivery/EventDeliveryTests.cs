using System.Globalization;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>How endpoints are told: at least once, again after failures, and not for ever.</summary>
public sealed class EventDeliveryTests : EventTest
{
    private static readonly DeliveryOutcome s_down = new("no answer");
    private static readonly DeliveryOutcome s_refused = new("400 Bad Request", IsRefused: true);

    private EventPlace Place => EventPlace.Of(App.Name);

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
    public async Task An_endpoint_that_does_not_work_is_left_in_peace_longer_and_longer()
    {
        Start(Tags(new EndpointOptions { Backoff = TimeSpan.FromSeconds(10), MaxBackoff = TimeSpan.FromSeconds(60) }));
        for (var i = 0; i < 10; i++) await PushImageAsync(App, $"{i}", $"t{i}");
        Endpoints[0].Answer = _ => s_down;
        List<double> pauses = [];
        for (var i = 0; i < 5; i++)
        {
            var next = (await NewDelivery().DeliverAsync(Place, default))!.Value;
            pauses.Add((next - Test.Time.GetUtcNow()).TotalSeconds);
            // Nobody asks before; and of those who come only the one who was told before comes back.
            var asked = Endpoints[0].Asked;
            Assert.Null(await NewDelivery().DeliverAsync(Place, default));
            Assert.Equal(asked, Endpoints[0].Asked);
            Test.Time.Advance(next - Test.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        }

        Assert.All(pauses.Zip([10.0, 20, 40, 60, 60]), p => Assert.InRange(p.First, (p.Second * 0.79) - 1.1, p.Second * 1.21));
        // Three failures in succession each time.
        Assert.Equal(15, Endpoints[0].Asked);
        Endpoints[0].Answer = _ => DeliveryOutcome.Delivered;
        Assert.Null(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal(10, Endpoints[0].Told.Count);
    }

    [Fact]
    public async Task Who_says_when_he_wants_to_be_asked_is_asked_then()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        await PushImageAsync(App, "2", "v2");
        Endpoints[0].Answer = _ => new DeliveryOutcome("429", RetryAfter: TimeSpan.FromMinutes(42));
        var delivery = NewDelivery();
        var next = await delivery.DeliverAsync(Place, default);
        Assert.InRange((next!.Value - Test.Time.GetUtcNow()).TotalMinutes, 41.9, 42 * 1.2);
        // Nor for another repository.
        await PushImageAsync(Test.Open("other/app"), "3", "v3");
        Assert.NotNull(await delivery.DeliverAsync(EventPlace.Of(RepositoryName.Parse("other/app")), default));
        Assert.Equal(1, Endpoints[0].Asked);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_work_is_not_asked_for_every_repository()
    {
        Start(Tags());
        Endpoints[0].Answer = _ => s_down;
        var delivery = NewDelivery();
        for (var i = 0; i < 20; i++)
        {
            for (var j = 0; j < 3; j++) await PushImageAsync(Test.Open($"app{i}"), $"{j}", $"t{j}");
            Assert.NotNull(await delivery.DeliverAsync(EventPlace.Of(RepositoryName.Parse($"app{i}")), default));
        }

        Assert.Equal(3, Endpoints[0].Asked);
        Endpoints[0].Answer = _ => DeliveryOutcome.Delivered;
        Test.Time.Advance(TimeSpan.FromMinutes(11));
        await delivery.SweepAsync(TimeSpan.MaxValue, null, default);
        Assert.Equal(60, Endpoints[0].Told.Count);
    }

    [Fact]
    public async Task Who_comes_back_and_finds_the_endpoint_in_peace_for_a_moment_longer_comes_back_again()
    {
        Start(Tags(new EndpointOptions { Threshold = 1, Backoff = TimeSpan.FromMinutes(1), MaxBackoff = TimeSpan.FromMinutes(1) }));
        await PushImageAsync(App, "1", "v1");
        Endpoints[0].Answer = _ => s_down;
        var delivery = NewDelivery();
        for (var i = 0; i < 60; i++)
        {
            // The pause of the endpoint and that of the place are not of the same length.
            var next = await delivery.DeliverAsync(Place, default);
            Assert.NotNull(next);
            // As who delivers in the background does, by the clock of storage.
            Test.Time.Advance(next.Value - await delivery.NowAsync(default));
        }

        Assert.InRange(Endpoints[0].Asked, 15, 60);
    }

    [Fact]
    public async Task However_long_an_endpoint_fails_the_pause_is_one_that_a_clock_can_count()
    {
        Start(Tags(new EndpointOptions { Backoff = TimeSpan.FromMinutes(30), MaxBackoff = TimeSpan.FromHours(1), MaxAge = TimeSpan.FromDays(90) }));
        await PushImageAsync(App, "1", "v1");
        Endpoints[0].Answer = _ => s_down;
        for (var i = 0; i < 80; i++)
        {
            Assert.InRange(await NewDelivery().DeliverAsync(Place, default) - Test.Time.GetUtcNow() ?? TimeSpan.Zero, TimeSpan.FromMinutes(23), TimeSpan.FromMinutes(73));
            Test.Time.Advance(TimeSpan.FromMinutes(75));
        }
    }

    [Fact]
    public async Task Of_many_who_find_an_endpoint_in_peace_one_comes_back()
    {
        Start(Tags(new EndpointOptions { Backoff = TimeSpan.FromMinutes(1) }));
        Endpoints[0].Answer = _ => s_down;
        await PushImageAsync(App, "1", "v1");
        // Who sweeps does not come back; the first who comes after him does.
        await SweepAsync();
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        for (var i = 0; i < 10; i++) Assert.Null(await NewDelivery().DeliverAsync(Place, default));
    }

    [Fact]
    public async Task What_has_come_since_an_event_was_refused_is_told_at_once_and_the_refused_one_is_not_asked_for()
    {
        Start(Tags(new EndpointOptions { Backoff = TimeSpan.FromMinutes(5) }));
        await PushImageAsync(App, "bad", "bad");
        Endpoints[0].Answer = e => e.Tag.ToString() == "bad" ? s_refused : DeliveryOutcome.Delivered;
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        for (var i = 0; i < 5; i++)
        {
            Test.Time.Advance(TimeSpan.FromSeconds(2));
            await PushImageAsync(App, $"{i}", $"t{i}");
            Assert.Null(await NewDelivery().DeliverAsync(Place, default));
            Assert.Equal($"t{i}", Endpoints[0].Told[^1].Tag.ToString());
        }

        Assert.Equal(6, Endpoints[0].Asked);
        Endpoints[0].Answer = _ => DeliveryOutcome.Delivered;
        await SweepAsync(TimeSpan.FromMinutes(10));
        Assert.Equal("bad", Endpoints[0].Told[^1].Tag.ToString());
        Assert.Empty((await RowsAsync()).Events);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task However_many_events_always_fail_those_behind_them_are_told_in_the_end(bool isRefused)
    {
        Start(Tags(new EndpointOptions { Backoff = TimeSpan.FromSeconds(1), MaxBackoff = TimeSpan.FromSeconds(1) }));
        Endpoints[0].Answer = e => e.Tag.ToString()![0] == 'b' ? isRefused ? s_refused : s_down : DeliveryOutcome.Delivered;
        for (var i = 0; i < 150; i++) await PushImageAsync(App, "same", $"b{i}");
        Test.Time.Advance(TimeSpan.FromSeconds(1));
        await PushImageAsync(App, "good", "good");
        for (var i = 0; i < 60 && Endpoints[0].Told.Count == 0; i++) await SweepAsync();
        Assert.Equal("good", Assert.Single(Endpoints[0].Told).Tag.ToString());
        Assert.Equal(150, (await RowsAsync()).Events.Count);
    }

    [Fact]
    public async Task One_place_that_cannot_be_dealt_with_does_not_keep_the_others_from_their_turn()
    {
        Start(Tags());
        for (var i = 0; i < 10; i++) await PushImageAsync(Test.Open($"app{i}"), "1", "v1");
        var tables = new HookedTableStore(Test.Tables, (_, query) => query.Partition == "app3" ? throw new InvalidOperationException("odd") : Task.CompletedTask);
        Test.Time.Advance(TimeSpan.FromMinutes(1));
        var sweep = new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time).DeliverTo(Endpoints, Observer).SweepAsync(TimeSpan.MaxValue, null, default);
        Assert.Equal("odd", Assert.Single((await Assert.ThrowsAsync<AggregateException>(() => sweep)).InnerExceptions).Message);
        Assert.Equal(9, Endpoints[0].Told.Count);
    }

    [Fact]
    public async Task An_endpoint_that_throws_is_one_that_refuses()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        await PushImageAsync(App, "2", "v2");
        Endpoints[0].Answer = e => e.Tag.ToString() == "v1" ? throw new InvalidOperationException("s3cret") : DeliveryOutcome.Delivered;
        await NewDelivery().DeliverAsync(Place, default);
        Assert.Single(Endpoints[0].Told);
        Assert.Equal("the event could not be written or sent (InvalidOperationException)", Assert.Single(await NewDelivery().ListPendingAsync(default).ToListAsync()).Problem);
    }

    [Fact]
    public async Task A_look_that_was_cut_off_when_nobody_else_would_come_is_made_again()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        // Nobody has looked for hours, and then storage fails once in the middle.
        Test.Time.Advance(TimeSpan.FromHours(6));
        var failed = false;
        var tables = new HookedTableStore(Test.Tables, (_, query) => failed || !query.From.StartsWith("e:ci:", StringComparison.Ordinal) ? Task.CompletedTask : Fail());
        var delivery = new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time).DeliverTo(Endpoints, Observer);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => delivery.SweepAsync(TimeSpan.MaxValue, null, default));
        await SweepAsync();
        Assert.Single(Endpoints[0].Told);

        Task Fail()
        {
            failed = true;
            throw new StorageUnavailableException("once");
        }
    }

    [Fact]
    public async Task An_idle_row_with_an_event_is_looked_at_whatever_it_says()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        Test.Time.Advance(TimeSpan.FromHours(6));
        // As if somebody had found nothing a moment ago.
        await Test.Tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.Delivery(Place.OutboxKey, "ci"), new DeliveryState().ToProperties()), default);
        await SweepAsync();
        Assert.Single(Endpoints[0].Told);
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
    public async Task What_is_given_up_and_sent_again_at_the_same_moment_is_not_lost()
    {
        Start(Tags(new EndpointOptions { MaxAge = TimeSpan.FromDays(1) }));
        await PushImageAsync(App, "1", "v1");
        var row = (await RowsAsync()).Events.Single();
        Test.Time.Advance(TimeSpan.FromDays(2));
        Endpoints[0].Answer = _ => s_down;
        // Somebody sends it again between the two steps of giving it up.
        var tables = new HookedTableStore(Test.Tables, (_, _) => Task.CompletedTask)
        {
            BeforeWrite = async write =>
            {
                if (write is RowWrite.Delete && write.Key == row.Key) await NewDelivery().ResendAsync("ci", TableKeys.EventParts(row.Key).Id, default);
            },
        };
        await new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time).DeliverTo(Endpoints, Observer).DeliverAsync(Place, default);
        Endpoints[0].Answer = _ => DeliveryOutcome.Delivered;
        await SweepAsync(TimeSpan.FromMinutes(20));
        Assert.Single(Endpoints[0].Told);
    }

    [Fact]
    public async Task An_event_that_is_refused_does_not_hold_up_the_others()
    {
        Start(Tags());
        for (var i = 0; i < 20; i++) await PushImageAsync(App, $"{i}", $"t{i}");
        // More of them than an endpoint may fail in succession.
        Endpoints[0].Answer = e => int.Parse(e.Tag.ToString()![1..], CultureInfo.InvariantCulture) < 10 ? s_refused : DeliveryOutcome.Delivered;
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal(10, Endpoints[0].Told.Count);
        Assert.Equal(10, (await RowsAsync()).Events.Count);
    }

    [Fact]
    public async Task An_endpoint_that_refuses_everything_is_not_asked_for_each_of_thousands_of_events()
    {
        Start(Tags());
        for (var i = 0; i < 250; i++) await PushImageAsync(App, "same", $"t{i}");
        Endpoints[0].Answer = _ => s_refused;
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal(100, Endpoints[0].Asked);
    }

    [Fact]
    public async Task Where_events_are_in_order_one_that_is_refused_holds_up_the_others()
    {
        Start(Tags(new EndpointOptions { Ordered = true }));
        for (var i = 0; i < 5; i++)
        {
            await PushImageAsync(App, $"{i}", $"t{i}");
            Test.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var refuses = true;
        Endpoints[0].Answer = e => refuses && e.Tag.ToString() == "t2" ? s_refused : DeliveryOutcome.Delivered;
        var next = await NewDelivery().DeliverAsync(Place, default);
        Assert.Equal(["t0", "t1"], Endpoints[0].Told.Select(e => e.Tag.ToString()));
        refuses = false;
        Test.Time.Advance(next!.Value - Test.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        await NewDelivery().DeliverAsync(Place, default);
        Assert.Equal(["t0", "t1", "t2", "t3", "t4"], Endpoints[0].Told.Select(e => e.Tag.ToString()));
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
            return asked.Count < 4 ? s_down : DeliveryOutcome.Delivered;
        };
        for (var i = 0; i < 5; i++) await SweepAsync();
        Assert.True(asked.Count > 4);
        Assert.Equal(2, asked.Distinct().Count());
    }

    [Fact]
    public async Task Endpoints_do_not_wait_for_one_another()
    {
        Start(Tags(name: "up"), Tags(name: "down"));
        Endpoints[1].Answer = _ => s_down;
        await PushImageAsync(App, "1", "v1");
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal((1, 0), (Endpoints[0].Told.Count, Endpoints[1].Told.Count));
        Endpoints[1].Answer = _ => DeliveryOutcome.Delivered;
        await SweepAsync(TimeSpan.FromMinutes(20));
        Assert.Equal((1, 1), (Endpoints[0].Told.Count, Endpoints[1].Told.Count));
    }

    [Fact]
    public async Task What_becomes_too_old_is_given_up_and_can_be_sent_again()
    {
        Start(Tags(new EndpointOptions { MaxAge = TimeSpan.FromDays(2) }));
        for (var i = 0; i < 10; i++) await PushImageAsync(App, $"{i}", $"t{i}");
        var old = Test.Time.GetUtcNow();
        Endpoints[0].Answer = _ => s_down;
        Test.Time.Advance(TimeSpan.FromDays(1.9));
        await PushImageAsync(App, "young", "young");
        await SweepAsync();
        Assert.Empty(Observer.GivenUpFor);
        await SweepAsync(TimeSpan.FromDays(0.2));
        Assert.Equal(10, Observer.GivenUpFor.Count);
        Assert.All(Observer.GivenUpFor, text => Assert.Equal("ci: no answer", text));
        Assert.Equal("young", Assert.Single(await NewDelivery().ListPendingAsync(default).ToListAsync()).Events[0].Tag.ToString());
        var undelivered = await NewDelivery().ListUndeliveredAsync(default).ToListAsync();
        Assert.Equal(10, undelivered.Count);
        Assert.All(undelivered, u => Assert.Equal(("ci", Place, old, "no answer"), (u.Endpoint, u.Place, u.Events[0].Time, u.Reason)));

        Endpoints[0].Answer = _ => DeliveryOutcome.Delivered;
        Assert.Equal(Place, await NewDelivery().ResendAsync("ci", undelivered[3].Id, default));
        Assert.Null(await NewDelivery().ResendAsync("ci", undelivered[3].Id, default));
        await SweepAsync(TimeSpan.FromMinutes(20));
        Assert.Contains(undelivered[3].Id, Endpoints[0].Told.Select(e => e.Id));
        Assert.Equal(9, await NewDelivery().ListUndeliveredAsync(default).CountAsync());
        Test.Time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(9, (await SweepAsync()).Purged);
    }

    [Fact]
    public async Task An_event_that_cannot_be_read_is_given_up()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        var row = (await RowsAsync()).Events.Single();
        await Test.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Merge(row.Key, new Dictionary<string, object> { ["action"] = "Explode" }, "*"), default);
        await NewDelivery().DeliverAsync(Place, default);
        Assert.Contains("cannot be read", Assert.Single(Observer.GivenUpFor), StringComparison.Ordinal);
        Assert.Empty((await RowsAsync()).Events);
    }

    [Fact]
    public async Task Events_for_an_endpoint_that_is_not_there_any_more_wait_for_a_week()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        Endpoints.Clear();
        Endpoints.Add(Tags(name: "other"));
        await SweepAsync(TimeSpan.FromDays(6));
        Assert.Single((await RowsAsync()).Events);
        await SweepAsync(TimeSpan.FromDays(2));
        Assert.Empty((await RowsAsync()).Events);
        Assert.Equal("the settings name no such endpoint", Assert.Single(await NewDelivery().ListUndeliveredAsync(default).ToListAsync()).Reason);
    }

    [Fact]
    public async Task The_outbox_is_empty_again_in_the_end_and_costs_little_until_then()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        await NewDelivery().DeliverAsync(Place, default);
        var sweeps = 0;
        while ((await RowsAsync()).Outbox.Count > 0)
        {
            Assert.True(sweeps++ < 100, "The row stays.");
            await SweepAsync();
        }

        Assert.InRange(sweeps * 6, 250, 265);
    }

    [Fact]
    public async Task Whoever_pushes_while_the_sweep_looks_keeps_the_outbox_row()
    {
        Start(Tags());
        await PushImageAsync(App, "1", "v1");
        await NewDelivery().DeliverAsync(Place, default);
        Test.Time.Advance(TimeSpan.FromHours(5));
        Endpoints[0].Answer = _ => DeliveryOutcome.Delivered;
        var other = Test.NewInstance();
        var pushed = false;
        var tables = new HookedTableStore(Test.Tables, async (table, query) =>
        {
            if (pushed || table != TableKeys.RegistryTable || !query.From.StartsWith(TableKeys.EventPrefix, StringComparison.Ordinal)) return;
            pushed = true;
            await PushImageAsync(other.GetRepository(App.Name), "2", "v2");
        });
        await new ContainerRegistry(tables, Test.Objects, Test.Options, Test.Time).DeliverTo(Endpoints, Observer).SweepAsync(TimeSpan.MaxValue, null, default);
        Assert.True(pushed);
        Assert.NotEmpty((await RowsAsync()).Outbox);
        await SweepAsync();
        Assert.Equal(2, Endpoints[0].Told.Count);
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
    public async Task An_endpoint_that_was_down_for_a_day_is_told_of_everything()
    {
        Start(Tags());
        Endpoints[0].Answer = _ => s_down;
        for (var i = 0; i < 24 * 12; i++)
        {
            await PushImageAsync(Test.Open($"team/app{i % 7}"), $"{i}", $"t{i}");
            await NewDelivery().DeliverAsync(EventPlace.Of(RepositoryName.Parse($"team/app{i % 7}")), default);
            await SweepAsync(TimeSpan.FromMinutes(5));
        }

        Assert.Empty(Endpoints[0].Told);
        // Of each repository not more than a few attempts in ten minutes.
        Assert.InRange(Endpoints[0].Asked, 500, 7 * 3 * 24 * 12);
        Endpoints[0].Answer = _ => DeliveryOutcome.Delivered;
        await SweepAsync(TimeSpan.FromMinutes(15));
        Assert.Equal(24 * 12, Endpoints[0].Told.Select(e => e.Id).Distinct().Count());
        Assert.Empty(Observer.GivenUpFor);
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

    // Told of manifests and tags alone, so that a push is one event.
    private static FakeEndpoint Tags(EndpointOptions? options = null, string name = "ci") => new(name, options) { Subscription = new EventSubscription(name) { Blobs = false } };
}
