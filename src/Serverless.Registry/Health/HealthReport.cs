namespace Serverless.Registry.Health;

/// <summary>How a part of the registry is.</summary>
public enum HealthStatus
{
    /// <summary>As it should be.</summary>
    Healthy,

    /// <summary>It did not answer in time, or answered with a failure.</summary>
    Unreachable,

    /// <summary>Something waits much longer than it should.</summary>
    Overdue,

    /// <summary>It rests because the registry is read-only.</summary>
    Paused,

    /// <summary>What is stored there is another registry's.</summary>
    Foreign,

    /// <summary>It could not be looked at.</summary>
    Unknown,
}

/// <summary>How a queue is.</summary>
/// <param name="Status">In a word.</param>
/// <param name="Overdue">For how long what has waited longest should have been looked at by now; null when it is not known.</param>
public sealed record QueueHealth(HealthStatus Status, TimeSpan? Overdue);

/// <summary>What a <see cref="HealthCheck"/> found.</summary>
/// <param name="Tables">Whether tables can be read.</param>
/// <param name="Objects">Whether objects can be looked up.</param>
/// <param name="Repositories">The queue of repositories.</param>
/// <param name="Blobs">The queue of blobs.</param>
public sealed record HealthReport(HealthStatus Tables, HealthStatus Objects, QueueHealth Repositories, QueueHealth Blobs)
{
    /// <summary>
    /// The events that could not be delivered; null when nobody is told of any. Others' endpoints do not make a registry unhealthy, which can do its work without them: it is for those who
    /// read the report.
    /// </summary>
    public QueueHealth? Events { get; init; }

    /// <summary>Whether no part needs anybody's attention.</summary>
    public bool IsHealthy => new[] { Tables, Objects, Repositories.Status, Blobs.Status }.All(s => s is HealthStatus.Healthy or HealthStatus.Paused);
}
