using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>Where images are copied to: one repository of a registry, or a folder. It is used by many at once.</summary>
/// <remarks>All methods throw <see cref="ImageSourceException"/> where another registry or a folder does not answer as it should, and <see cref="RegistryException"/> where this registry refuses.</remarks>
public interface IImageTarget
{
    /// <summary>Whether a manifest is there, with all that it names.</summary>
    Task<bool> HasAsync(Manifest manifest, CancellationToken cancellationToken);

    /// <summary>Refuses a manifest or its tags before any of its bytes is sent, as far as that can be told before. Writes nothing.</summary>
    Task CheckAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken);

    /// <summary>Whether a blob need not be sent: it is there, or elsewhere in the same registry, and then it is mounted.</summary>
    /// <param name="blob">The blob.</param>
    /// <param name="isDryRun">Whether only to look, and to mount nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<bool> KeepBlobAsync(Descriptor blob, bool isDryRun, CancellationToken cancellationToken);

    /// <summary>Stores a blob. Content with another digest is refused, and nothing is stored.</summary>
    /// <param name="blob">The blob; 0 bytes where a layer does not say its size.</param>
    /// <param name="content">Its bytes, which are read once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken);

    /// <summary>Stores a manifest, once all that it names is there, and points tags at it.</summary>
    Task PutManifestAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken);

    /// <summary>What a tag points at; null when there is no such tag.</summary>
    Task<Digest?> FindTagAsync(Tag tag, CancellationToken cancellationToken);

    /// <summary>Points a tag at a manifest that is there.</summary>
    Task PutTagAsync(Tag tag, Manifest manifest, CancellationToken cancellationToken);

    /// <summary>Makes sure that a manifest that is there is listed among what refers to its subject. Called for one after the other.</summary>
    Task ListReferrerAsync(Manifest referrer, CancellationToken cancellationToken);
}
