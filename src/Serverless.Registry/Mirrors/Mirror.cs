using Serverless.Registry.Blobs;
using Serverless.Registry.Copying;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Mirrors;

/// <summary>Repositories that hold what another registry has, and fetch what they do not hold yet when somebody asks for it. Any number of instances may work on the same stores.</summary>
public sealed class Mirror : IDisposable
{
    private readonly FetchSlots _slots = new();
    private readonly MirroredManifests _manifests;
    private readonly MirroredBlobs _blobs;
    private readonly Func<RepositoryName, BlobStore> _here;

    /// <param name="context">The registry.</param>
    /// <param name="here">The blobs of a repository of this registry.</param>
    /// <param name="rule">What is mirrored, and for how long.</param>
    /// <param name="open">Opens a repository of the other registry, by the name that it has there.</param>
    /// <param name="observer">Told of what becomes of requests.</param>
    internal Mirror(RegistryContext context, Func<RepositoryName, BlobStore> here, MirrorRule rule, Func<RepositoryName, IMirrorSource> open, IMirrorObserver observer)
    {
        var state = new SourceState(context.TimeProvider);
        (Rule, _here) = (rule, here);
        _manifests = new MirroredManifests(context, rule, open, state, observer);
        _blobs = new MirroredBlobs(context, rule, open, state, _slots, observer);
    }

    /// <summary>What is mirrored, and for how long.</summary>
    public MirrorRule Rule { get; }

    /// <summary>Reads a manifest: from here if it is here and, by tag, was confirmed within the tags' lifetime, at one round trip to storage; else the source is asked.</summary>
    /// <param name="repository">One of the mirror's repositories.</param>
    /// <param name="reference">A tag or a digest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The manifest; null when there is none.</returns>
    /// <exception cref="ImageSourceException">It is not here, and the source does not answer as it should.</exception>
    public Task<MirroredManifest?> OpenManifestAsync(RepositoryName repository, Reference reference, CancellationToken cancellationToken) =>
        _manifests.OpenAsync(repository, reference, cancellationToken);

    /// <summary>Fetches a blob that is not here, or joins those who wait for it. Returns at once.</summary>
    public BlobFetch FetchBlob(RepositoryName repository, Digest digest) => _blobs.Fetch(repository, _here(repository), digest);

    /// <summary>The size in bytes of a blob at the source; null when it is not there, or the source does not say.</summary>
    /// <exception cref="ImageSourceException">The source does not answer as it should.</exception>
    public Task<long?> FindBlobSizeAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) => _blobs.FindSizeAsync(repository, digest, cancellationToken);

    /// <summary>Ends what is being fetched.</summary>
    public void Dispose() => _slots.Dispose();
}
