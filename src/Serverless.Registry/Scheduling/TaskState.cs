namespace Serverless.Registry.Scheduling;

/// <summary>How a task's last run stands.</summary>
public enum TaskPhase
{
    /// <summary>It runs, or its instance has died.</summary>
    Running,

    /// <summary>It came to its end.</summary>
    Finished,

    /// <summary>It stopped before its end.</summary>
    CutOff,
}

/// <summary>A task as it stood at a look. All times are UTC and storage's.</summary>
/// <param name="Phase">How its last run stands.</param>
/// <param name="Began">When its last run began.</param>
/// <param name="Until">When that run has no more time, and another instance may take the task over.</param>
/// <param name="Cursor">Where the next run is to go on; null at the beginning.</param>
public sealed record TaskState(TaskPhase Phase, DateTimeOffset Began, DateTimeOffset Until, string? Cursor)
{
    /// <summary>When a run last came to its end; null when none has.</summary>
    public DateTimeOffset? Finished { get; init; }

    /// <summary>When its last run ended, finished or not; null while it runs.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Whether an instance may claim the task now.</summary>
    internal bool IsDue(TimeSpan interval, DateTimeOffset now) => Phase switch
    {
        TaskPhase.Running => now >= Until,
        TaskPhase.CutOff when Cursor is not null => true,
        // Storage tells its time to the second only, which may be a little before the run ended.
        _ => interval <= TimeSpan.Zero || now - Ended >= interval,
    };
}
