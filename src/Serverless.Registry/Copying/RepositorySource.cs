using System.Runtime.CompilerServices;
using Serverless.Registry.Blobs;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Copying;

/// <summary>A repository of this registry, whose bytes come straight from storage.</summary>
internal sealed class RepositorySource(BlobStore blobs, ManifestStore manifests, TagStore tags, ReferrerStore referrers) : IImageSource
{
    private const int ReferrersInPage = 100;

    public async Task<SourceManifest?> FindManifestAsync(Reference reference, CancellationToken cancellationToken) =>
        await manifests.GetAsync(reference, cancellationToken) is { } stored ? new SourceManifest(stored.MediaType, stored.Payload) : null;

    public async Task<Stream?> OpenBlobAsync(Descriptor blob, long offset, CancellationToken cancellationToken)
    {
        if (await blobs.FindAsync(blob.Digest, cancellationToken) is not { } found) return null;
        // Storage has no range behind the end.
        return offset < found.Descriptor.Size || offset == 0 ? await found.OpenAsync(offset, null, cancellationToken) : Stream.Null;
    }

    public IAsyncEnumerable<Tag> ListTagsAsync(CancellationToken cancellationToken) => tags.ListAsync(cancellationToken);

    public async IAsyncEnumerable<Descriptor> ListReferrersAsync(Digest subject, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        do
        {
            var page = await referrers.ListPageAsync(subject, null, ReferrersInPage, last, cancellationToken);
            foreach (var referrer in page.Referrers) yield return referrer.Describe();
            last = page.Next;
        }
        while (last is not null);
    }
}
