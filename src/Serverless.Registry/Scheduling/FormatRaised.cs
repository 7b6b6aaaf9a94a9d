using Serverless.Registry.Core;

namespace Serverless.Registry.Scheduling;

/// <summary>How an attempt to raise the format has ended.</summary>
public abstract record FormatRaised
{
    private FormatRaised()
    {
    }

    /// <summary>The numbers are raised.</summary>
    /// <param name="Now">What is stored now; at least what was wanted.</param>
    public sealed record Raised(RegistryFormat Now) : FormatRaised;

    /// <summary>They were as high before, and nothing was written.</summary>
    /// <param name="Now">What is stored.</param>
    public sealed record Already(RegistryFormat Now) : FormatRaised;

    /// <summary>A task still runs, and the time to wait for it is over. The numbers are what they were.</summary>
    /// <param name="Task">The name of the task.</param>
    /// <param name="Until">When the time of its run is over at the latest, UTC, by the clock of storage.</param>
    public sealed record Busy(string Task, DateTimeOffset Until) : FormatRaised;
}

/// <summary>What can be chosen about how the format is raised.</summary>
/// <param name="Tasks">The names of the timed tasks, each of which may delete something.</param>
public sealed record FormatRaiseOptions(IReadOnlyCollection<string> Tasks)
{
    /// <summary>How long to wait for tasks that run. Default: 30 minutes, which is more than a run has by default.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Whether to write the row anew where it is missing or cannot be read. A newer release may have written what cannot be read here, and would be worked beside: only a person can
    /// know that none has. A row that can be read is raised as ever.
    /// </summary>
    public bool Force { get; init; }
}
