using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>Where images are copied from: one repository of a registry, or an image on disk.</summary>
public interface IImageSource
{
    /// <summary>What could not be read of the lists so far, each in a line: entries that are no tags, or whose manifests make no sense. The others are listed all the same.</summary>
    IReadOnlyCollection<string> Problems => [];

    /// <summary>Reads a manifest by tag or digest; null when it is not there.</summary>
    /// <exception cref="ImageSourceException">The source does not answer, or answers with something else.</exception>
    Task<SourceManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken);

    /// <summary>Opens a blob from a place on; null when it is not there. Whoever reads it checks the digest.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="offset">The first byte.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ImageSourceException">The source does not answer, or answers with something else.</exception>
    Task<Stream?> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken);

    /// <summary>Lists the tags.</summary>
    /// <exception cref="ImageSourceException">The source does not answer, or answers with something else.</exception>
    IAsyncEnumerable<Tag> ListTagsAsync(CancellationToken cancellationToken);

    /// <summary>Lists the manifests that refer to one; empty also where the source knows no referrers.</summary>
    /// <exception cref="ImageSourceException">The source does not answer, or answers with something else.</exception>
    IAsyncEnumerable<Descriptor> ListReferrersAsync(Digest subject, CancellationToken cancellationToken);
}

/// <summary>A manifest as its source has it.</summary>
/// <param name="MediaType">Its media type, as the source says; null when it does not say.</param>
/// <param name="Payload">Its bytes. Their digest has been compared where it was asked for by one.</param>
public sealed record SourceManifest(string? MediaType, ReadOnlyMemory<byte> Payload);

/// <summary>A source of images, or another registry or folder that they are copied to, does not answer as it should. The message is for the operator, and has no secrets.</summary>
public sealed class ImageSourceException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the same may succeed a moment later.</summary>
    public bool IsTransient { get; init; }

    /// <summary>Whether the source does not let us read it: it wants credentials, or others.</summary>
    public bool IsRefusal { get; init; }

    /// <summary>Whether the source has been asked for more than it allows.</summary>
    public bool IsRateLimit { get; init; }

    /// <summary>How long the source wants to be left in peace; null when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
