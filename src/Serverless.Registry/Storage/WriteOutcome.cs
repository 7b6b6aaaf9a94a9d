namespace Serverless.Registry.Storage;

/// <summary>How a conditional change ended. All of them are expected; failures of the storage service are exceptions.</summary>
public enum WriteOutcome
{
    /// <summary>It was applied.</summary>
    Done,

    /// <summary>There is one already (409). It may be our own, written by a call whose answer was lost.</summary>
    Exists,

    /// <summary>There is none (404).</summary>
    NotFound,

    /// <summary>Somebody else changed it (412).</summary>
    ETagMismatch,
}

/// <summary>How a change to one row ended.</summary>
/// <param name="Outcome">The outcome.</param>
/// <param name="ETag">The row's new ETag when it was applied and the row exists.</param>
public readonly record struct WriteResult(WriteOutcome Outcome, string? ETag = null)
{
    /// <summary>Whether it was applied.</summary>
    public bool Done => Outcome == WriteOutcome.Done;
}

/// <summary>How a batch ended: all of it was applied, or none.</summary>
/// <param name="Outcome">The outcome, or that of the first change that could not be applied.</param>
/// <param name="Failed">The index of that change; null when the batch was applied, and when storage does not say which change it was.</param>
public readonly record struct BatchResult(WriteOutcome Outcome, int? Failed = null)
{
    /// <summary>Whether it was applied.</summary>
    public bool Done => Outcome == WriteOutcome.Done;
}
