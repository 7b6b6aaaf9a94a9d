using Serverless.Registry.Oci;

namespace Serverless.Registry.Events;

/// <summary>Something that has happened in a registry, as endpoints are told of it.</summary>
public sealed record RegistryEvent
{
    /// <summary>A UUID: the same at every attempt to deliver it, and at every endpoint.</summary>
    public required string Id { get; init; }

    /// <summary>When, UTC, by the clock of storage.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What has happened.</summary>
    public required EventAction Action { get; init; }

    /// <summary>Where.</summary>
    public required RepositoryName Repository { get; init; }

    /// <summary>Where a blob was mounted from; null otherwise.</summary>
    public RepositoryName? FromRepository { get; init; }

    /// <summary>The manifest or blob; null when a repository was deleted.</summary>
    public Digest? Digest { get; init; }

    /// <summary>Its media type; null when unknown.</summary>
    public string? MediaType { get; init; }

    /// <summary>Its size in bytes; null when unknown.</summary>
    public long? Size { get; init; }

    /// <summary>The artifact's type, else the media type of the config; null when it has none.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>The tag by which a manifest was pushed, or that was deleted; null when there was none.</summary>
    public Tag? Tag { get; init; }

    /// <summary>Whether it is about a blob, and not about a manifest, a tag or a repository.</summary>
    public bool IsBlob { get; init; }

    /// <summary>Who did it, and by which request.</summary>
    public ChangeOrigin Origin { get; init; } = ChangeOrigin.Unknown;

    /// <summary>What a manifest names, for endpoints that ask for it; empty otherwise.</summary>
    public IReadOnlyList<Descriptor> References { get; init; } = [];
}
