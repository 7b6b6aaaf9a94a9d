namespace Serverless.Web.Maintenance;

/// <summary>How a run of the tasks has ended.</summary>
/// <param name="Failures">What went wrong, by task; empty when nothing did. The log has told it already.</param>
/// <param name="Lines">What was done, a line for each task that had its turn.</param>
public sealed record MaintenanceOutcome(IReadOnlyList<Exception> Failures, IReadOnlyList<string> Lines)
{
    /// <summary>Whether a task has failed.</summary>
    public bool Failed => Failures.Count > 0;
}
