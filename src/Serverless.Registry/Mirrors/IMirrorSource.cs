using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Mirrors;

/// <summary>A repository of another registry, as a mirror asks for it.</summary>
public interface IMirrorSource : IImageSource
{
    /// <summary>Asks where a tag points, without reading what is there; null when there is no such tag.</summary>
    /// <exception cref="ImageSourceException">The source does not answer, or answers with something else.</exception>
    Task<TagAtSource?> FindTagAsync(Tag tag, CancellationToken cancellationToken);

    /// <summary>Opens a blob of which nothing is known but its digest; null when it is not there. Whoever reads it checks the digest.</summary>
    /// <exception cref="ImageSourceException">The source does not answer, or answers with something else.</exception>
    Task<BlobAtSource?> OpenBlobAsync(Digest digest, CancellationToken cancellationToken);

    /// <summary>Asks for a blob without reading it.</summary>
    /// <returns>Its size in bytes; null when it is not there, or the source does not say.</returns>
    /// <exception cref="ImageSourceException">The source does not answer, or answers with something else.</exception>
    Task<long?> FindBlobSizeAsync(Digest digest, CancellationToken cancellationToken);
}

/// <summary>Where a tag points.</summary>
/// <param name="Digest">The manifest; null when the source does not say.</param>
/// <param name="IsUsedUp">Whether the source says that no more manifests may be read for a while.</param>
public sealed record TagAtSource(Digest? Digest, bool IsUsedUp);

/// <summary>A blob that comes.</summary>
/// <param name="Content">Its bytes. Reading them throws <see cref="ImageSourceException"/> when they stop coming.</param>
/// <param name="Size">How many they are, as the source says; null when it does not.</param>
public sealed record BlobAtSource(Stream Content, long? Size);
