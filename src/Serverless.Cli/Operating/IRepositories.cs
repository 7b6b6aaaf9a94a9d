using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Operating;

/// <summary>The repositories of a registry, with their tags.</summary>
internal interface IRepositories
{
    /// <summary>The names, in ASCII order; over the API those that the account may see.</summary>
    IAsyncEnumerable<string> ListAsync(CancellationToken cancellationToken);

    /// <summary>Deletes all tags and manifests of a repository.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="report">Told how far it has come, where that is known.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>What went, as a sentence; null when there is no such repository.</returns>
    Task<string?> RemoveAsync(RepositoryName name, Action<RemovalProgress> report, CancellationToken cancellationToken);

    /// <summary>The tags of a repository, in ASCII order.</summary>
    /// <exception cref="CliException">There is no such repository.</exception>
    IAsyncEnumerable<TagEntry> ListTagsAsync(RepositoryName name, CancellationToken cancellationToken);

    /// <summary>Deletes a tag.</summary>
    /// <returns>False when there is none.</returns>
    Task<bool> RemoveTagAsync(RepositoryName name, Tag tag, CancellationToken cancellationToken);

    /// <summary>What a tag pointed at, the newest first; nothing where nobody knows the tag.</summary>
    IAsyncEnumerable<TagMoveEntry> ListHistoryAsync(RepositoryName name, Tag tag, CancellationToken cancellationToken);

    /// <summary>Points a tag at what it pointed at before.</summary>
    /// <returns>The digest of that; null when nothing else of its history is still there.</returns>
    Task<string?> RollBackAsync(RepositoryName name, Tag tag, CancellationToken cancellationToken);

    /// <summary>What was deleted within the grace.</summary>
    IAsyncEnumerable<DeletedEntry> ListDeletedAsync(RepositoryName name, CancellationToken cancellationToken);

    /// <summary>Restores a manifest with its tags, or a tag.</summary>
    /// <returns>What was restored; null when nothing is remembered of it.</returns>
    Task<RestoredEntry?> UndeleteAsync(RepositoryName name, Reference reference, CancellationToken cancellationToken);

    /// <summary>What is said where there is no repository of that name.</summary>
    static CliException Unknown(RepositoryName name) => new($"There is no repository {name}.");
}

/// <summary>A move of a tag.</summary>
/// <param name="At">When, UTC.</param>
/// <param name="Digest">What it was pointed at.</param>
/// <param name="By">Who did it; null when nobody knows.</param>
internal sealed record TagMoveEntry(DateTimeOffset At, string Digest, string? By);

/// <summary>Something that was deleted.</summary>
/// <param name="Reference">The tag or digest.</param>
/// <param name="Digest">The manifest, or the one that the tag pointed at.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Tags">The tags that went with it.</param>
internal sealed record DeletedEntry(string Reference, string Digest, DateTimeOffset At, IReadOnlyList<string> Tags);

/// <summary>Something that was restored.</summary>
/// <param name="Digest">The manifest.</param>
/// <param name="Tags">The tags that point at it again.</param>
internal sealed record RestoredEntry(string Digest, IReadOnlyList<string> Tags);

/// <summary>A tag.</summary>
/// <param name="Tag">The tag.</param>
/// <param name="Digest">The manifest that it points at.</param>
/// <param name="Size">The manifest's size without what it names, in bytes.</param>
/// <param name="PushedAt">When it was pointed there, UTC; null when nobody knows.</param>
/// <param name="PulledAt">When it was last pulled, UTC, up to an hour before the truth; null when no pull was noted.</param>
internal sealed record TagEntry(string Tag, string Digest, long Size, DateTimeOffset? PushedAt, DateTimeOffset? PulledAt);
