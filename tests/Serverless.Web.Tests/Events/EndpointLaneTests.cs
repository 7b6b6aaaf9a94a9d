using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Registry.Storage.InMemory;
using Serverless.Web.Events;
using Xunit;

namespace Serverless.Web.Tests.Events;

/// <summary>What is told of in this process is delivered by it, each place once at a time, and no news is slept through.</summary>
public sealed class EndpointLaneTests : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly RepositoryName s_name = RepositoryName.Parse("team/app");
    private static readonly RowKey s_delivery = TableKeys.Delivery(TableKeys.OutboxOf(s_name), "ci");

    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryTableStore _tables;
    private readonly ContainerRegistry _registry;
    private readonly Endpoint _endpoint = new();
    private readonly EndpointLane _lane;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public EndpointLaneTests()
    {
        _tables = new InMemoryTableStore(_time);
        _registry = new ContainerRegistry(_tables, new InMemoryObjectStore(_time), new RegistryOptions { Events = [_endpoint.Subscription] }, _time);
        _lane = new EndpointLane("ci", _registry.DeliverTo([_endpoint], _endpoint), _time, _ => { });
        _running = _lane.RunAsync(_stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
    }

    [Fact]
    public async Task News_while_a_place_is_at_work_is_not_lost()
    {
        using var block = new SemaphoreSlim(0);
        _endpoint.Before = () => block.WaitAsync();
        await PushAsync("v1");
        _lane.Add(EventPlace.Of(s_name));
        await WaitForAsync(() => _endpoint.Asked == 1);
        await PushAsync("v2");
        _lane.Add(EventPlace.Of(s_name));
        block.Release(10);
        await WaitForAsync(() => _endpoint.Told.Count == 2);
    }

    [Fact]
    public async Task News_wakes_a_place_that_somebody_else_was_at()
    {
        await PushWhileHeldAsync();
        await Task.Delay(50);
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(s_delivery, "*"), default);
        _lane.Add(EventPlace.Of(s_name));
        await WaitForAsync(() => _endpoint.Told.Count == 1);
    }

    [Fact]
    public async Task Who_has_died_is_followed_when_his_claim_is_over()
    {
        await PushWhileHeldAsync();
        await WaitForAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            return _endpoint.Told.Count == 1;
        });
    }

    [Fact]
    public async Task An_endpoint_that_fails_is_asked_again_and_again_until_it_works()
    {
        _endpoint.Answer = () => _endpoint.Asked < 12 ? new DeliveryOutcome("down") : DeliveryOutcome.Delivered;
        await PushAsync("v1");
        _lane.Add(EventPlace.Of(s_name));
        await WaitForAsync(() =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            return _endpoint.Told.Count == 1;
        });
        Assert.Equal(12, _endpoint.Asked);
    }

    // Somebody else is at the place; the lane has found that, and left a mark.
    private async Task PushWhileHeldAsync()
    {
        await PushAsync("v1");
        var until = (_time.GetUtcNow() + TimeSpan.FromMinutes(5)).UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Insert(s_delivery, new Dictionary<string, object> { ["holder"] = "somebody", ["until"] = until }), default);
        _lane.Add(EventPlace.Of(s_name));
        await WaitForAsync(() => _tables.FindAsync(TableKeys.SystemTable, s_delivery, default).Result?.FindString("came") is not null);
    }

    private async Task PushAsync(string tag)
    {
        var repository = _registry.GetRepository(s_name);
        var config = await repository.Blobs.PutAsync("{}"u8.ToArray(), default);
        await repository.Manifests.PutAsync(ManifestBuilder.ForImage(config with { MediaType = MediaTypes.OciConfig }).Build(), [Tag.Parse(tag)], default);
    }

    private static async Task WaitForAsync(Func<bool> isSo)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < s_patience, "It does not come to that.");
            await Task.Delay(20);
        }
    }

    private sealed class Endpoint : IEventEndpoint, IDeliveryObserver
    {
        private int _asked;

        public EventSubscription Subscription { get; } = new("ci") { Blobs = false };

        public EndpointOptions Options { get; } = new();

        public ConcurrentQueue<RegistryEvent> Told { get; } = new();

        public int Asked => Volatile.Read(ref _asked);

        public Func<Task> Before { get; set; } = () => Task.CompletedTask;

        public Func<DeliveryOutcome> Answer { get; set; } = () => DeliveryOutcome.Delivered;

        public async Task<DeliveryOutcome> SendAsync(RegistryEvent registryEvent, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _asked);
            await Before();
            var outcome = Answer();
            if (outcome.IsDelivered) Told.Enqueue(registryEvent);
            return outcome;
        }

        public void Delivered(string endpoint, RegistryEvent registryEvent)
        {
        }

        public void Failed(string endpoint, RegistryEvent registryEvent, string problem)
        {
        }

        public void GivenUp(string endpoint, string id, string problem)
        {
        }
    }
}
