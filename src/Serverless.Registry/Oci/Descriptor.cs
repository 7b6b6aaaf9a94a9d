namespace Serverless.Registry.Oci;

/// <summary>A reference to content by type, digest and size (OCI image specification 1.1.1, descriptor.md).</summary>
/// <param name="MediaType">The type of the content.</param>
/// <param name="Digest">The digest of the content.</param>
/// <param name="Size">The size of the content in bytes.</param>
public sealed record Descriptor(string MediaType, Digest Digest, long Size)
{
    /// <summary>The type of the artifact, when the descriptor points at one.</summary>
    public string? ArtifactType { get; init; }

    /// <summary>Places outside the registry from which the content may be had. They are never fetched.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>The platform that an image is for, as <c>os/architecture</c>; null when the descriptor does not say. Only read, never written.</summary>
    public string? Platform { get; init; }

    /// <summary>The variant of the platform's processor, such as <c>v7</c>; null when the descriptor does not say. Only read, never written.</summary>
    public string? Variant { get; init; }

    /// <summary>The platform with its variant, as <c>os/architecture/variant</c>; null when the descriptor does not say.</summary>
    public string? PlatformWithVariant => this is { Platform: { } platform, Variant: { } variant } ? $"{platform}/{variant}" : Platform;

    /// <summary>Annotations; null when there are none.</summary>
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    /// <summary>Whether the content need not be in the registry: a non-distributable layer that says where else it is.</summary>
    public bool MayBeAbsent => Urls.Count > 0 && MediaTypes.IsNonDistributable(MediaType);
}
