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
