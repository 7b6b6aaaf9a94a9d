using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>How a registry is moved.</summary>
public sealed record MoveOptions
{
    /// <summary>
    /// Whether this is the last run: the source is read-only, what it no longer has goes from the target too, and the target is complete afterwards, which is to say that it may be written to.
    /// </summary>
    public bool Final { get; init; }

    /// <summary>Whether the target may hold this registry already, complete, as after an earlier move. What was written there since is lost, and nobody may be writing there.</summary>
    public bool Replace { get; init; }

    /// <summary>Whether to tell only what would be done.</summary>
    public bool DryRun { get; init; }

    /// <summary>For how long nothing may have been written before the last run begins: whatever was under way when the registry was made read-only has ended by then.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How many rows are written together, at most.</summary>
    internal int BatchCount { get; init; } = TableLimits.BatchCount;
}

/// <summary>How a move ended.</summary>
/// <param name="IsComplete">Whether the target is complete. Until it is, nothing can be pushed to it.</param>
/// <param name="IsSourceReadOnly">Whether the source was read-only at the end.</param>
public sealed record MoveResult(bool IsComplete, bool IsSourceReadOnly);

/// <summary>Something that did not come along.</summary>
/// <param name="Kind">Why.</param>
/// <param name="What">A digest, or the key of a row.</param>
/// <param name="Note">What is the matter, in words for the operator.</param>
public sealed record MoveFinding(MoveFindingKind Kind, string What, string Note);

/// <summary>Why something did not come along.</summary>
public enum MoveFindingKind
{
    /// <summary>The source's own bytes are wrong or missing. Another run changes nothing.</summary>
    Refused,

    /// <summary>Storage failed. Another run takes it up.</summary>
    Failed,
}
