using Serverless.Registry.Oci;

namespace Serverless.Registry.GarbageCollection;

/// <summary>What can be chosen about a run of the <see cref="GarbageCollector"/>.</summary>
public sealed record CollectionOptions
{
    /// <summary>Whether to tell what would be deleted and to delete nothing.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Whether manifests that no tag leads to are garbage. Off by default: people pull by digest. The first run for which this or <see cref="UntaggedAge"/> is another than for
    /// the last one looks at every repository once.
    /// </summary>
    public bool DeleteUntagged { get; init; }

    /// <summary>How long a manifest must not have been touched to be garbage for want of a tag; at least the grace. Default: 7 days.</summary>
    public TimeSpan UntaggedAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How long an upload must not have been used to be ended; at least the grace, which is longer than any upload lives. Null: the grace.</summary>
    public TimeSpan? UploadAge { get; init; }

    /// <summary>The one repository to look at, whether it is queued and due or not; null: those that are. Queued digests are looked at in any case.</summary>
    public RepositoryName? Repository { get; init; }

    /// <summary>
    /// After this time no further repository or digest is begun. Repositories have six tenths of it, and what is left when the digests are done. Default: 4 minutes.
    /// </summary>
    public TimeSpan TimeBudget { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>How many repositories, and then how many digests, are looked at at the same time; at least 1. Default: 24.</summary>
    public int MaxParallel { get; init; } = 24;

    /// <summary>What the options say of manifests without tags, as text.</summary>
    internal string Policy => DeleteUntagged ? $"untagged {UntaggedAge:c}" : "";
}
