using Serverless.Registry.Oci;

namespace Serverless.Registry.Imports;

/// <summary>What is to be imported, and where to.</summary>
public sealed record ImportRequest
{
    /// <summary>Where the images are, as <c>HOST/NAME[:TAG|@DIGEST]</c>. It has no secrets, and whoever opens it knows how to read it.</summary>
    public required string Source { get; init; }

    /// <summary>The tag or digest in it; null: the source is a whole repository.</summary>
    public Reference? Reference { get; init; }

    /// <summary>The repository here.</summary>
    public required RepositoryName Target { get; init; }

    /// <summary>The tag here; null: that of the source.</summary>
    public Tag? Tag { get; init; }

    /// <summary>Of a whole repository, the tags that fit one of these patterns, with <c>*</c> and <c>?</c>; empty: all.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>The platform that is taken out of indexes, as <c>os/architecture[/variant]</c>; null: all of them.</summary>
    public string? Platform { get; init; }

    /// <summary>Whether signatures, SBOMs and whatever else refers to the images come along.</summary>
    public bool Referrers { get; init; } = true;

    /// <summary>Whether another request asks for the same.</summary>
    public bool IsSame(ImportRequest other) =>
        (Source, Reference, Target, Tag, Platform, Referrers) == (other.Source, other.Reference, other.Target, other.Tag, other.Platform, other.Referrers) && Tags.SequenceEqual(other.Tags, StringComparer.Ordinal);
}
