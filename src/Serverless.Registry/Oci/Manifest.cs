namespace Serverless.Registry.Oci;

/// <summary>
/// A manifest: bytes that are stored and served verbatim, and a view of what they say. Image manifests name blobs, indexes name manifests
/// (OCI image specification 1.1.1, manifest.md and image-index.md; Docker image manifest V2, schema 2).
/// </summary>
public sealed class Manifest
{
    /// <summary>The type it was pushed as.</summary>
    public required string MediaType { get; init; }

    /// <summary>The exact bytes.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The digest of the bytes.</summary>
    public required Digest Digest { get; init; }

    /// <summary>What the manifest says.</summary>
    public required ManifestContent Content { get; init; }

    /// <summary>Everything the manifest names and that must be in the repository with it: config and layers, or the children of an index.</summary>
    public IEnumerable<Descriptor> References => Content.Blobs.Concat(Content.Manifests);

    /// <summary>The manifest as a referrer or an index would name it, its artifact type and annotations included.</summary>
    public Descriptor Descriptor => new(MediaType, Digest, Payload.Length) { ArtifactType = Content.ArtifactType, Annotations = Content.Annotations };
}

/// <summary>What a manifest's bytes say to the registry. A parser of a registered type makes it.</summary>
public sealed record ManifestContent
{
    /// <summary>Config and layers, in the order of the manifest; children of an index whose type is not a manifest's stand in <see cref="Manifests"/>.</summary>
    public IReadOnlyList<Descriptor> Blobs { get; init; } = [];

    /// <summary>That of the blobs without which nobody can read the others; null when there is none.</summary>
    public Descriptor? Config { get; init; }

    /// <summary>The children of an index, in its order.</summary>
    public IReadOnlyList<Descriptor> Manifests { get; init; } = [];

    /// <summary>The manifest this one refers to; it need not exist.</summary>
    public Descriptor? Subject { get; init; }

    /// <summary>The artifact's type as the referrers list shows it: <c>artifactType</c>, else the media type of the config.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Annotations; null when there are none.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }
}
