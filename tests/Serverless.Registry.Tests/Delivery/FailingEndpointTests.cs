using System.Globalization;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>Endpoints that do not work, or refuse: who waits for them, how long, and who does not.</summary>
public sealed class FailingEndpointTests : EventTest
{
    [Fact]
    public async Task An_endpoint_that_does_not_work_is_left_in_peace_longer_and_longer()
    {
        Start(Tags(new EndpointOptions { Backoff = TimeSpan.FromSeconds(10), MaxBackoff = TimeSpan.FromSeconds(60) }));
        for (var i = 0; i < 10; i++) await PushImageAsync(App, $"{i}", $"t{i}");
        Endpoints[0].Answer = _ => Down;
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
        Endpoints[0].Answer = _ => Down;
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
        Endpoints[0].Answer = _ => Down;
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
        Endpoints[0].Answer = _ => Down;
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
        Endpoints[0].Answer = _ => Down;
        await PushImageAsync(App, "1", "v1");
        // Who sweeps does not come back; the first who comes after him does.
        await SweepAsync();
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        for (var i = 0; i < 10; i++) Assert.Null(await NewDelivery().DeliverAsync(Place, default));
    }

    [Fact]
    public async Task What_has_come_since_an_event_waRefused_is_told_at_once_and_the_refused_one_is_not_asked_for()
    {
        Start(Tags(new EndpointOptions { Backoff = TimeSpan.FromMinutes(5) }));
        await PushImageAsync(App, "bad", "bad");
        Endpoints[0].Answer = e => e.Tag.ToString() == "bad" ? Refused : DeliveryOutcome.Delivered;
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
        Endpoints[0].Answer = e => e.Tag.ToString()![0] == 'b' ? isRefused ? Refused : Down : DeliveryOutcome.Delivered;
        for (var i = 0; i < 150; i++) await PushImageAsync(App, "same", $"b{i}");
        Test.Time.Advance(TimeSpan.FromSeconds(1));
        await PushImageAsync(App, "good", "good");
        for (var i = 0; i < 60 && Endpoints[0].Told.Count == 0; i++) await SweepAsync();
        Assert.Equal("good", Assert.Single(Endpoints[0].Told).Tag.ToString());
        Assert.Equal(150, (await RowsAsync()).Events.Count);
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
    public async Task An_event_that_iRefused_does_not_hold_up_the_others()
    {
        Start(Tags());
        for (var i = 0; i < 20; i++) await PushImageAsync(App, $"{i}", $"t{i}");
        // More of them than an endpoint may fail in succession.
        Endpoints[0].Answer = e => int.Parse(e.Tag.ToString()![1..], CultureInfo.InvariantCulture) < 10 ? Refused : DeliveryOutcome.Delivered;
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal(10, Endpoints[0].Told.Count);
        Assert.Equal(10, (await RowsAsync()).Events.Count);
    }

    [Fact]
    public async Task An_endpoint_that_refuses_everything_is_not_asked_for_each_of_thousands_of_events()
    {
        Start(Tags());
        for (var i = 0; i < 250; i++) await PushImageAsync(App, "same", $"t{i}");
        Endpoints[0].Answer = _ => Refused;
        Assert.NotNull(await NewDelivery().DeliverAsync(Place, default));
        Assert.Equal(100, Endpoints[0].Asked);
    }

    [Fact]
    public async Task Where_events_are_in_order_one_that_iRefused_holds_up_the_others()
    {
        Start(Tags(new EndpointOptions { Ordered = true }));
        for (var i = 0; i < 5; i++)
        {
            await PushImageAsync(App, $"{i}", $"t{i}");
            Test.Time.Advance(TimeSpan.FromSeconds(1));
        }

        var refuses = true;
        Endpoints[0].Answer = e => refuses && e.Tag.ToString() == "t2" ? Refused : DeliveryOutcome.Delivered;
        var next = await NewDelivery().DeliverAsync(Place, default);
        Assert.Equal(["t0", "t1"], Endpoints[0].Told.Select(e => e.Tag.ToString()));
        refuses = false;
        Test.Time.Advance(next!.Value - Test.Time.GetUtcNow() + TimeSpan.FromSeconds(1));
        await NewDelivery().DeliverAsync(Place, default);
        Assert.Equal(["t0", "t1", "t2", "t3", "t4"], Endpoints[0].Told.Select(e => e.Tag.ToString()));
    }

    [Fact]
    public async Task An_endpoint_that_waDown_for_a_day_is_told_of_everything()
    {
        Start(Tags());
        Endpoints[0].Answer = _ => Down;
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
}
