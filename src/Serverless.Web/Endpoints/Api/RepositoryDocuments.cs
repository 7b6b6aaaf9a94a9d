using System.ComponentModel;
using Serverless.Registry.Manifests;
using Serverless.Registry.Tags;

namespace Serverless.Web.Endpoints.Api;

/// <summary>A page of repositories.</summary>
internal sealed record RepositoryListDocument
{
    [Description("The names, in ASCII order.")]
    public required IReadOnlyList<string> Repositories { get; init; }

    [Description("What those of them hold that were counted, by name; only where `use` was asked for.")]
    public IReadOnlyList<RepositoryUseDocument>? Uses { get; init; }

    [Description("Begins the next page; not there on the last one. A page may be short, even empty, and still have a next one.")]
    public string? Cursor { get; init; }
}

/// <summary>A repository as it is shown.</summary>
internal sealed record RepositoryDocument
{
    [Description("Its name.")]
    public required string Name { get; init; }

    [Description("How many tags it has; of more than 1,000 only that there are more.")]
    public required int Tags { get; init; }

    [Description("Whether there are more tags than were counted.")]
    public required bool HasMoreTags { get; init; }

    [Description("When a tag was last pushed, of those that were counted.")]
    public DateTimeOffset? PushedAt { get; init; }

    [Description("When a tag was last pulled, of those that were counted, up to an hour before the truth; not there where no pull was noted.")]
    public DateTimeOffset? PulledAt { get; init; }

    [Description("What the blobs that it links to take; not there before the garbage collector has counted them.")]
    public UseDocument? Use { get; init; }

    [Description("Whether it mirrors another registry, so that nobody pushes to it.")]
    public required bool IsMirror { get; init; }
}

/// <summary>A tag as it is shown.</summary>
internal sealed record TagDocument
{
    [Description("The tag.")]
    public required string Name { get; init; }

    [Description("The manifest that it points at.")]
    public required string Digest { get; init; }

    [Description("The type of the manifest.")]
    public required string MediaType { get; init; }

    [Description("The size of the manifest, without what it names, in bytes.")]
    public required long Size { get; init; }

    [Description("When it was pointed there.")]
    public DateTimeOffset? PushedAt { get; init; }

    [Description("When it was last pulled, up to an hour before the truth; not there where no pull was noted.")]
    public DateTimeOffset? PulledAt { get; init; }

    public static TagDocument Of(TagInfo tag) => new()
    {
        Name = tag.Tag.ToString(),
        Digest = tag.Target.Digest.ToString(),
        MediaType = tag.Target.MediaType,
        Size = tag.Target.Size,
        PushedAt = tag.PushedAt,
        PulledAt = tag.PulledAt,
    };
}

/// <summary>A page of tags.</summary>
internal sealed record TagListDocument
{
    [Description("The tags, in ASCII order.")]
    public required IReadOnlyList<TagDocument> Tags { get; init; }

    [Description("Begins the next page; not there on the last one.")]
    public string? Cursor { get; init; }
}

/// <summary>The body of a request that points a tag somewhere.</summary>
internal sealed record TagOrder
{
    [Description("The manifest, which must be in the repository. Without it the tag goes back to what it pointed at before.")]
    public string? Digest { get; init; }
}

/// <summary>What a tag has pointed at.</summary>
internal sealed record TagHistoryDocument
{
    [Description("The moves, the newest first; what it points at now among them.")]
    public required IReadOnlyList<TagMoveDocument> Moves { get; init; }
}

/// <summary>A move of a tag, as it is shown.</summary>
internal sealed record TagMoveDocument(
    [property: Description("The manifest that it was pointed at.")] string Digest,
    [property: Description("The type of the manifest.")] string MediaType,
    [property: Description("The size of the manifest, in bytes.")] long Size,
    [property: Description("When.")] DateTimeOffset At,
    [property: Description("Who did it; not there when nobody knows.")] string? By)
{
    public static TagMoveDocument Of(TagMove move) => new(move.Target.Digest.ToString(), move.Target.MediaType, move.Target.Size, move.Time, move.Actor);
}

/// <summary>What was deleted and can be restored.</summary>
internal sealed record DeletedListDocument
{
    [Description("What was deleted within the grace, in no order that means anything.")]
    public required IReadOnlyList<DeletedDocument> Deleted { get; init; }

    [Description("Whether there is more than is shown.")]
    public required bool HasMore { get; init; }
}

/// <summary>Something that was deleted, as it is shown.</summary>
internal sealed record DeletedDocument(
    [property: Description("The tag or the digest by which it is restored.")] string Reference,
    [property: Description("The manifest, or the one that the tag pointed at.")] string Digest,
    [property: Description("The tags that went with the manifest.")] IReadOnlyList<string> Tags,
    [property: Description("When.")] DateTimeOffset At)
{
    public static DeletedDocument Of(DeletedItem item) => new(item.Reference.ToString(), item.Digest.ToString(), [.. item.Tags.Select(t => t.ToString())], item.DeletedAt);
}

/// <summary>What was restored.</summary>
internal sealed record RestoredDocument(
    [property: Description("The manifest that is there again.")] string Digest,
    [property: Description("The tags that point at it again; others have been made anew meanwhile.")] IReadOnlyList<string> Tags);
