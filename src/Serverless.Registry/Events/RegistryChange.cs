using Serverless.Registry.Oci;

namespace Serverless.Registry.Events;

/// <summary>A change that one batch makes, and of which events tell: one for what it is about, and one for each tag.</summary>
internal sealed record RegistryChange(EventAction Action, RepositoryName Repository)
{
    public RepositoryName? FromRepository { get; init; }

    public Digest? Digest { get; init; }

    public string? MediaType { get; init; }

    public long? Size { get; init; }

    public string? ArtifactType { get; init; }

    /// <summary>The tags that it sets or takes away.</summary>
    public IReadOnlyList<Tag> Tags { get; init; } = [];

    /// <summary>Whether it is about the tags alone.</summary>
    public bool OnlyTags { get; init; }

    public bool IsBlob { get; init; }

    /// <summary>A manifest that is pushed, by its tags if it has any.</summary>
    public static RegistryChange Pushed(RepositoryName repository, Descriptor manifest, IEnumerable<Tag> tags)
    {
        List<Tag> all = [.. tags];
        return Of(EventAction.Push, repository, manifest) with { Tags = all, OnlyTags = all.Count > 0 };
    }

    /// <summary>A manifest, a tag or a blob that is pushed, pulled, mounted or deleted.</summary>
    public static RegistryChange Of(EventAction action, RepositoryName repository, Descriptor target) =>
        new(action, repository) { Digest = target.Digest, MediaType = target.MediaType, Size = target.Size, ArtifactType = target.ArtifactType };

    /// <summary>The same of a blob.</summary>
    public static RegistryChange OfBlob(EventAction action, RepositoryName repository, Digest digest, long? size) =>
        new(action, repository) { Digest = digest, MediaType = MediaTypes.OctetStream, Size = size, IsBlob = true };
}
