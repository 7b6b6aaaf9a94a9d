namespace Serverless.Registry.Verification;

/// <summary>What can be chosen about a run of the <see cref="Verifier"/>.</summary>
public sealed record VerifyOptions
{
    /// <summary>
    /// Whether to repair what can be repaired without knowing more: old bytes that nobody names go, links to nothing go, so that a push brings the
    /// blob again, hints that are missing are added, and hints that nobody needs go. Off by default.
    /// </summary>
    public bool Repair { get; init; }

    /// <summary>Whether to read every byte that is stored and compare it with its digest. Off by default: it takes as long as downloading everything.</summary>
    public bool RehashDigests { get; init; }
}
