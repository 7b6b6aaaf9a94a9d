using Serverless.Registry.Oci;

namespace Serverless.Registry.Retention;

/// <summary>A tag that retention deletes, or would in a dry run.</summary>
/// <param name="Repository">Its repository.</param>
/// <param name="Tag">The tag.</param>
/// <param name="Digest">The manifest that it points at, which stays.</param>
/// <param name="PushedAt">When it was last pushed or moved, UTC, by the clock of storage.</param>
/// <param name="PulledAt">When it was last pulled, UTC, to the hour; null when no pull is noted, or when no rule of the repository asks for it.</param>
/// <param name="Rule">The rule that decided.</param>
public sealed record RetiredTag(RepositoryName Repository, Tag Tag, Digest Digest, DateTimeOffset PushedAt, DateTimeOffset? PulledAt, RetentionRule Rule);

/// <summary>What a <see cref="RetentionRun"/> did, or would do.</summary>
public sealed class RetentionSummary
{
    /// <summary>Repositories that a rule is about.</summary>
    public int Repositories { get; internal set; }

    /// <summary>Tags in them.</summary>
    public int Tags { get; internal set; }

    /// <summary>Tags that were deleted, or would be.</summary>
    public int Deleted { get; internal set; }

    /// <summary>Tags that were to go, but that somebody pushed or moved meanwhile: they stay.</summary>
    public int Moved { get; internal set; }
}
