using System.IO.Pipelines;
using Serverless.Registry.Access;
using Serverless.Registry.Blobs;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Copying;

/// <summary>A repository of this registry, to which bytes go straight by storage.</summary>
internal sealed class RegistryTarget(BlobStore blobs, ManifestStore manifests, TagStore tags, AccessRights mountFrom) : IImageTarget
{
    private const int ReadSize = 256 * 1024;

    public async Task<bool> HasAsync(Manifest manifest, CancellationToken cancellationToken) => await manifests.FindAsync(new Reference(manifest.Digest), cancellationToken) is not null;

    public Task CheckAsync(Manifest manifest, IReadOnlyCollection<Tag> pointed, CancellationToken cancellationToken) => manifests.CheckAsync(manifest, pointed, cancellationToken);

    public async Task<bool> KeepBlobAsync(Descriptor blob, bool isDryRun, CancellationToken cancellationToken)
    {
        if (isDryRun) return await blobs.FindSourceAsync(blob.Digest, mountFrom, cancellationToken) is not null;
        return await blobs.FindAndKeepAsync(blob.Digest, cancellationToken) is not null
            || (await blobs.FindSourceAsync(blob.Digest, mountFrom, cancellationToken) is { } from && await blobs.MountAsync(blob.Digest, from, cancellationToken) is not null);
    }

    public async Task PutBlobAsync(Descriptor blob, Stream content, CancellationToken cancellationToken)
    {
        var body = PipeReader.Create(content, new StreamPipeReaderOptions(bufferSize: ReadSize, leaveOpen: true));
        try
        {
            await blobs.PutAsync(body, blob.Digest, cancellationToken);
        }
        catch (RegistryException e) when (e.Error == RegistryError.DigestInvalid)
        {
            throw new ImageSourceException($"The source sent other bytes than those of {blob.Digest}.", e);
        }
        catch (RegistryException e) when (e.Error == RegistryError.SenderTooSlow)
        {
            // While it was waited for the source, others wanted the memory.
            throw new ImageSourceException("The source was too slow while others waited.", e) { IsTransient = true };
        }
        finally
        {
            await body.CompleteAsync();
        }
    }

    public Task PutManifestAsync(Manifest manifest, IReadOnlyCollection<Tag> pointed, CancellationToken cancellationToken) => manifests.PutAsync(manifest, pointed, cancellationToken);

    public async Task<Digest?> FindTagAsync(Tag tag, CancellationToken cancellationToken) => (await tags.FindAsync(tag, cancellationToken))?.Digest;

    public Task PutTagAsync(Tag tag, Manifest manifest, CancellationToken cancellationToken) => tags.PutAsync(tag, manifest.Digest, cancellationToken);

    // It says its subject itself, and was listed with its manifest in one batch.
    public Task ListReferrerAsync(Manifest referrer, CancellationToken cancellationToken) => Task.CompletedTask;
}
