using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Manifests;

/// <summary>The manifests of one repository.</summary>
public sealed class ManifestStore
{
    private readonly RegistryContext _context;
    private readonly RepositoryName _repository;
    private readonly ChangeOrigin _origin;

    internal ManifestStore(RegistryContext context, RepositoryName repository, ChangeOrigin? origin = null) =>
        (_context, _repository, _origin) = (context, repository, origin ?? ChangeOrigin.Unknown);

    /// <summary>Looks a manifest up by tag or digest: one round trip to storage. Null when it is not there.</summary>
    public async Task<Descriptor?> FindAsync(Reference reference, CancellationToken cancellationToken) =>
        await FindRowAsync(reference, cancellationToken) is { } row ? ManifestRow.Describe(row, DigestOf(reference, row)) : null;

    /// <summary>Reads a manifest by tag or digest; null when it is not there. One round trip, unless it is larger than 64 KiB.</summary>
    public async Task<StoredManifest?> GetAsync(Reference reference, CancellationToken cancellationToken) =>
        await OpenAsync(reference, cancellationToken) is { } found ? await found.ReadAsync(cancellationToken) : null;

    /// <summary>As <see cref="GetAsync"/>, for somebody who hands the bytes on: those of a manifest of more than 640 KiB are not read into memory.</summary>
    public Task<FoundManifest?> OpenAsync(Reference reference, CancellationToken cancellationToken) =>
        StorageRetry.RunAsync<FoundManifest?>(async () =>
        {
            if (await FindRowAsync(reference, cancellationToken) is not { } row) return (true, null);
            var digest = DigestOf(reference, row);
            var mediaType = row.GetString(ManifestRow.MediaTypeProperty);
            if (LargeBinary.Find(row, ManifestRow.PayloadProperty) is { } payload) return (true, new FoundManifest(mediaType, digest, payload) { Timestamp = row.Timestamp });
            if (reference.Tag is not null)
            {
                // The tag may have moved and its manifest gone since: then look again.
                var manifest = await OpenAsync(new Reference(digest), cancellationToken);
                return manifest is null ? default : (true, manifest.SeenAt(row.Timestamp));
            }

            var links = new BlobLinks(_context);
            return await links.FindLinkAsync(_repository, digest, cancellationToken) is { } link
                ? (true, new FoundManifest(mediaType, links.Read(digest, link)) { Timestamp = row.Timestamp })
                : (true, null);
        }, cancellationToken);

    /// <summary>Reads a manifest that a client sends into memory, of which all bodies together have a bounded amount: it waits for its turn.</summary>
    /// <param name="body">The manifest.</param>
    /// <param name="length">Its length in bytes, if that was said.</param>
    /// <param name="cancellationToken">Ends the wait and the reading.</param>
    /// <returns>The manifest as it came. It holds memory until it is disposed of, which must not be before it is stored.</returns>
    /// <exception cref="RegistryException">
    /// MANIFEST_INVALID: it is larger than the registry takes; SIZE_INVALID: longer than was said; TOOMANYREQUESTS: its sender was slow while others waited for memory.
    /// </exception>
    public Task<ReceivedManifest> ReceiveAsync(PipeReader body, long? length, CancellationToken cancellationToken) =>
        ReceivedManifest.ReadAsync(_context, body, length, cancellationToken);

    /// <summary>
    /// Stores a manifest, once everything that it names is known to be here, and points tags at it: all of it or nothing.
    /// </summary>
    /// <param name="manifest">The manifest, from <see cref="ManifestTypes.Parse"/> or a builder.</param>
    /// <param name="tags">The tags to point at it; may be empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">MANIFEST_BLOB_UNKNOWN, with every digest that is missing; MANIFEST_INVALID when it is too large, or has a subject and annotations that are.</exception>
    public Task PutAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken)
    {
        var distinct = Check(manifest, tags);
        return new ManifestPut(_context, _repository, _origin).PutAsync(manifest, distinct, cancellationToken);
    }

    /// <summary>
    /// Whether <see cref="PutAsync"/> would refuse a manifest whatever is here, for somebody who has its content still to send: for its size, for what it says, or for tags that are immutable
    /// and point elsewhere. Writes nothing.
    /// </summary>
    /// <param name="manifest">The manifest.</param>
    /// <param name="tags">The tags to point at it; may be empty.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">As <see cref="PutAsync"/>; SIZE_INVALID: a blob is larger than the registry takes.</exception>
    public async Task CheckAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken)
    {
        var distinct = Check(manifest, tags);
        ManifestPut.Check(_context, manifest);
        if (manifest.Content.Blobs.FirstOrDefault(b => b.Size > _context.Options.MaxBlobSize) is { } large)
        {
            throw new RegistryException(RegistryError.SizeInvalid, $"a blob has more bytes than the {_context.Options.MaxBlobSize} that there is room for; a larger Uploads:BlockSize makes more", large.Digest.ToString());
        }

        var immutability = await _context.GetImmutabilityAsync(_repository, cancellationToken);
        foreach (var tag in distinct.Where(immutability.Holds))
        {
            if (await FindAsync(new Reference(tag), cancellationToken) is { } held && held.Digest != manifest.Digest) throw Immutability.Refuse(tag);
        }
    }

    /// <summary>Deletes a manifest and every tag that points at it.</summary>
    /// <returns>False when it is not there.</returns>
    public Task<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken) =>
        new ManifestDelete(_context, _repository, _origin).DeleteAsync(digest, cancellationToken);

    /// <summary>What a manifest names whose list of references did not fit into its row; its own content among it, which then is a blob.</summary>
    /// <returns>Empty when the manifest is gone; null when it cannot be read.</returns>
    internal async Task<IReadOnlyList<Digest>?> ReadReferencesAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (await OpenAsync(new Reference(digest), cancellationToken) is not { } found) return await FindAsync(new Reference(digest), cancellationToken) is null ? [] : null;
        try
        {
            var manifest = (await found.ReadAsync(cancellationToken)).Parse(_context.Options.ManifestTypes);
            return [.. manifest.References.Select(r => r.Digest), digest];
        }
        catch (RegistryException)
        {
            return null;
        }
    }

    /// <summary>Lists what was deleted within the last grace and can be restored.</summary>
    public IAsyncEnumerable<DeletedItem> ListDeletedAsync(CancellationToken cancellationToken) => new ManifestUndelete(_context, _repository).ListAsync(cancellationToken);

    /// <summary>
    /// Undoes a deletion, within a grace after it: of a manifest with the tags that went with it, as far as nobody has made them anew; or of a tag.
    /// </summary>
    /// <param name="reference">What was deleted.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What was restored; null when nothing is remembered of it any more.</returns>
    /// <exception cref="RegistryException">MANIFEST_BLOB_UNKNOWN: somebody has deleted blobs that it names.</exception>
    public Task<RestoredManifest?> UndeleteAsync(Reference reference, CancellationToken cancellationToken) =>
        new ManifestUndelete(_context, _repository).RestoreAsync(reference, _origin, cancellationToken);

    /// <summary>Lists the manifests in order of their digests.</summary>
    public async IAsyncEnumerable<Descriptor> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.Encode(_repository), TableKeys.ManifestPrefix) with { Select = ManifestRow.DescriptorProperties };
        await foreach (var row in _context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            yield return ManifestRow.Describe(row, Digest.Parse(row.Key.Row[TableKeys.ManifestPrefix.Length..]));
        }
    }

    private List<Tag> Check(Manifest manifest, IReadOnlyCollection<Tag> tags)
    {
        if (manifest.Payload.Length > _context.Options.MaxManifestSize) throw new RegistryException(RegistryError.ManifestTooLarge);
        var distinct = tags.Distinct().ToList();
        if (distinct.Count > _context.Options.MaxTagsPerManifest) throw new RegistryException(RegistryError.ManifestInvalid, $"more tags than one request may set: {distinct.Count}, and the limit is {_context.Options.MaxTagsPerManifest}");
        // Before anything is written.
        if (manifest.Content.Subject is not null) ManifestRow.DescribeReferrer(manifest);
        return distinct;
    }

    private Task<TableRow?> FindRowAsync(Reference reference, CancellationToken cancellationToken)
    {
        var key = reference.Tag is { } tag ? TableKeys.Tag(_repository, tag) : TableKeys.Manifest(_repository, reference.Digest!.Value);
        return _context.Tables.FindAsync(TableKeys.RegistryTable, key, cancellationToken);
    }

    private static Digest DigestOf(Reference reference, TableRow row) => reference.Digest ?? ManifestRow.TagDigest(row);
}
