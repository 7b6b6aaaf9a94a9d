using Serverless.Registry.Scheduling;

namespace Serverless.Cli.Output;

/// <summary>What is said of timed tasks to somebody who waits for them.</summary>
internal static class ClaimLine
{
    public static string Of(ClaimNote note) => note switch
    {
        ClaimNote.Waiting => $"{note.Task} runs, until {Listing.Text(note.Until)} at the latest: waiting for it.",
        _ => $"Warning: the claim of {note.Task} could not be given back; the task rests until {Listing.Text(note.Until)}.",
    };
}
