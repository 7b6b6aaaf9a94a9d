namespace Serverless.Registry.Health;

/// <summary>What can be chosen about a <see cref="HealthCheck"/>.</summary>
public sealed record HealthOptions
{
    /// <summary>
    /// How overdue the garbage collector's queues may be. It comes every hour, and what a run has no time for waits for the next; a queue that nobody has
    /// looked at for a day is one whose timer has stopped. Default: one day.
    /// </summary>
    public TimeSpan QueueOverdue { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long an event may wait that could not be delivered. Default: one hour.</summary>
    public TimeSpan EventsOverdue { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The names of those who are told of events.</summary>
    public IReadOnlyCollection<string> Endpoints { get; init; } = [];

    /// <summary>How long storage has to answer: whoever asks waits as long, and load balancers soon give up. Default: 3 seconds.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long an answer is given again without asking storage. Default: 10 seconds.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromSeconds(10);
}
