using Serverless.Registry.Delivery;
using Serverless.Registry.Storage;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>What the sweep finds, and what is given up in the end.</summary>
public sealed class OutboxSweepTests : EventTest
{
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
    public async Task What_is_given_up_and_sent_again_at_the_same_moment_is_not_lost()
    {
        Start(Tags(new EndpointOptions { MaxAge = TimeSpan.FromDays(1) }));
        await PushImageAsync(App, "1", "v1");
        var row = (await RowsAsync()).Events.Single();
        Test.Time.Advance(TimeSpan.FromDays(2));
        Endpoints[0].Answer = _ => Down;
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
    public async Task What_becomes_too_old_is_given_up_and_can_be_sent_again()
    {
        Start(Tags(new EndpointOptions { MaxAge = TimeSpan.FromDays(2) }));
        for (var i = 0; i < 10; i++) await PushImageAsync(App, $"{i}", $"t{i}");
        var old = Test.Time.GetUtcNow();
        Endpoints[0].Answer = _ => Down;
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
}
