namespace Serverless.Registry.Scheduling;

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
