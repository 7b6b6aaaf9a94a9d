using Serverless.Registry.Events;

namespace Serverless.Registry.Delivery;

/// <summary>Somebody who is told of events.</summary>
public interface IEventEndpoint
{
    /// <summary>What it wants to be told of, its name among it.</summary>
    EventSubscription Subscription { get; }

    /// <summary>How it is told.</summary>
    EndpointOptions Options { get; }

    /// <summary>Tells it of an event, once.</summary>
    /// <returns>How it has ended; a failure of any kind is an outcome and no exception.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled: whoever tells is told to stop.</exception>
    Task<DeliveryOutcome> SendAsync(RegistryEvent registryEvent, CancellationToken cancellationToken);
}

/// <summary>How an endpoint is told of events.</summary>
public sealed record EndpointOptions
{
    /// <summary>Whether an event waits until those before it, of the same repository or blob, have been delivered.</summary>
    public bool Ordered { get; init; }

    /// <summary>Whether events tell what a manifest names.</summary>
    public bool IncludeReferences { get; init; }

    /// <summary>Failures in succession before the endpoint is left in peace for a while. Default: 3.</summary>
    public int Threshold { get; init; } = 3;

    /// <summary>How long it is left in peace at first; twice as long after each further failure. Default: 1 second.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long it is left in peace at most. Default: 10 minutes.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How old an event becomes before it is given up. Default: 7 days.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromDays(7);
}

/// <summary>How an attempt to deliver an event has ended.</summary>
/// <param name="Problem">What went wrong, in a line without secrets; null when nothing did.</param>
/// <param name="IsRefused">Whether the endpoint refused this event, and may take others; otherwise the endpoint does not work at all.</param>
/// <param name="RetryAfter">How long the endpoint wants to be left in peace; null when it did not say.</param>
public sealed record DeliveryOutcome(string? Problem, bool IsRefused = false, TimeSpan? RetryAfter = null)
{
    /// <summary>It was delivered.</summary>
    public static DeliveryOutcome Delivered { get; } = new((string?)null);

    /// <summary>Whether it was delivered.</summary>
    public bool IsDelivered => Problem is null;
}
