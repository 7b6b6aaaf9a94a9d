using System.Collections.Concurrent;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;

namespace Serverless.Registry.Tests.Delivery;

/// <summary>An endpoint that remembers what it was told, and answers as a test wants.</summary>
internal sealed class FakeEndpoint(string name = "ci", EndpointOptions? options = null) : IEventEndpoint
{
    private readonly ConcurrentQueue<RegistryEvent> _told = new();

    public EventSubscription Subscription { get; init; } = new(name);

    public EndpointOptions Options { get; } = options ?? new EndpointOptions();

    /// <summary>How it answers; what it has answered well it was told.</summary>
    public Func<RegistryEvent, DeliveryOutcome> Answer { get; set; } = _ => DeliveryOutcome.Delivered;

    /// <summary>What it was told, in order.</summary>
    public IReadOnlyList<RegistryEvent> Told => [.. _told];

    public int Asked { get; private set; }

    public Task<DeliveryOutcome> SendAsync(RegistryEvent registryEvent, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Asked++;
        var outcome = Answer(registryEvent);
        if (outcome.IsDelivered) _told.Enqueue(registryEvent);
        return Task.FromResult(outcome);
    }

    /// <summary>What it was told, in words.</summary>
    public IEnumerable<string> Words() => Told.Select(Words);

    public void Forget() => _told.Clear();

    public static string Words(RegistryEvent e) =>
        $"{e.Action} {(e.IsBlob ? "blob " : "")}{e.Repository}{(e.Tag is { } tag ? $":{tag}" : "")}{(e.Digest is { } digest ? $"@{digest}" : "")}{(e.FromRepository is { } from ? $" from {from}" : "")}";
}

/// <summary>Watches what becomes of events.</summary>
internal sealed class FakeObserver : IDeliveryObserver
{
    private readonly ConcurrentQueue<string> _givenUp = new();

    public IReadOnlyCollection<string> GivenUpFor => _givenUp;

    public void Delivered(string endpoint, RegistryEvent registryEvent)
    {
    }

    public void Failed(string endpoint, RegistryEvent registryEvent, string problem)
    {
    }

    public void GivenUp(string endpoint, string id, string problem) => _givenUp.Enqueue($"{endpoint}: {problem}");
}
