namespace Serverless.Registry.Verification;

/// <summary>What can be chosen about a run of the <see cref="Verifier"/>.</summary>
public sealed record VerifyOptions
{
    /// <summary>
    /// Whether to repair what can be repaired without knowing more: links to nothing go, so that a push brings the blob again, hints that are missing are added, and hints that nobody
    /// needs go; bytes that a blob has lost are copied from another object that holds them, and with <see cref="RehashDigests"/> those that are proved wrong are deleted, so that a push
    /// brings them again. Off by default.
    /// </summary>
    public bool Repair { get; init; }

    /// <summary>
    /// Whether to delete bytes that nobody names and that are older than an upload's life and a grace. On by default: nobody can come to need them. They stay in read-only mode, and
    /// while something could not be read or checked. Off for tables that were put back from an old copy, which do not name what was pushed since.
    /// </summary>
    public bool DeleteOrphans { get; init; } = true;

    /// <summary>How many objects, and how many links and manifests, are held in memory at a time: some fifty megabytes. What is more is looked at in further passes.</summary>
    internal int MostAtOnce { get; init; } = 200_000;

    /// <summary>Whether to read every byte that is stored and compare it with its digest. Off by default: it takes as long as downloading everything.</summary>
    public bool RehashDigests { get; init; }
}
