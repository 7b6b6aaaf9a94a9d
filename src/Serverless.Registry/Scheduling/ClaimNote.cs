namespace Serverless.Registry.Scheduling;

/// <summary>What there is to tell somebody who takes the claims of all tasks.</summary>
/// <param name="Task">The name of the task.</param>
/// <param name="Until">When the time of its claim is over at the latest, UTC, by the clock of storage.</param>
public abstract record ClaimNote(string Task, DateTimeOffset Until)
{
    /// <summary>The task runs, and its end is waited for.</summary>
    public sealed record Waiting(string Task, DateTimeOffset Until) : ClaimNote(Task, Until);

    /// <summary>The claim could not be given back, so the task rests until its time is over.</summary>
    public sealed record NotReturned(string Task, DateTimeOffset Until) : ClaimNote(Task, Until);
}
