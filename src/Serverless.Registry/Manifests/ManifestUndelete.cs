using System.Runtime.CompilerServices;
using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Manifests;

/// <summary>
/// Undoes deletions, for a grace after them. A manifest goes the way of a push, with everything that a push does for the garbage collector's sake; its tags come back only where nobody
/// has made them anew.
/// </summary>
internal sealed class ManifestUndelete(RegistryContext context, RepositoryName repository)
{
    public async IAsyncEnumerable<DeletedItem> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.DeletedPrefix) with { Select = DeletedRow.ListProperties };
        await foreach (var row in context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            var reference = DeletedRow.ReferenceOf(row);
            yield return new DeletedItem(reference, reference.Digest ?? ManifestRow.TagDigest(row), reference.Digest is null ? [] : DeletedRow.TagsOf(row), row.Timestamp);
        }
    }

    /// <returns>Null when nothing is remembered of it.</returns>
    public async Task<RestoredManifest?> RestoreAsync(Reference reference, ChangeOrigin origin, CancellationToken cancellationToken)
    {
        await context.DemandOwnAsync(cancellationToken);
        if (await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Deleted(repository, reference), cancellationToken) is not { } row) return null;
        if (reference.Digest is { } digest) return await RestoreAsync(row, digest, DeletedRow.TagsOf(row), origin, cancellationToken);
        var (tag, target) = (reference.Tag!.Value, ManifestRow.TagDigest(row));
        // The tag may have gone first, and its manifest after it.
        var manifest = await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(repository, target), cancellationToken)
            ?? await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Deleted(repository, new Reference(target)), cancellationToken);
        return manifest is null ? null : await RestoreAsync(manifest, target, [tag], origin, cancellationToken);
    }

    /// <summary>Reads a manifest that was deleted; null when nothing is remembered of it, or its content is gone.</summary>
    /// <exception cref="RegistryException">It cannot be read.</exception>
    public async Task<Manifest?> ReadAsync(Digest digest, CancellationToken cancellationToken) =>
        await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Deleted(repository, new Reference(digest)), cancellationToken) is { } row
            ? await ReadAsync(row, digest, cancellationToken)
            : null;

    private async Task<RestoredManifest?> RestoreAsync(TableRow row, Digest digest, IReadOnlyList<Tag> tags, ChangeOrigin origin, CancellationToken cancellationToken)
    {
        if (await ReadAsync(row, digest, cancellationToken) is not { } manifest) return null;
        List<Tag> restored = [];
        // A push takes a few tags at a time.
        foreach (var some in tags.Chunk(context.Options.MaxTagsPerManifest).DefaultIfEmpty([]))
        {
            restored.AddRange(await new ManifestPut(context, repository, origin).RestoreAsync(manifest, some, cancellationToken));
        }

        return new RestoredManifest(manifest.Descriptor, restored);
    }

    private async Task<Manifest?> ReadAsync(TableRow row, Digest digest, CancellationToken cancellationToken) =>
        await ReadPayloadAsync(row, digest, cancellationToken) is { } payload
            ? context.Options.ManifestTypes.Parse(row.GetString(ManifestRow.MediaTypeProperty), payload, digest.Algorithm)
            : null;

    private async Task<ReadOnlyMemory<byte>?> ReadPayloadAsync(TableRow row, Digest digest, CancellationToken cancellationToken)
    {
        if (LargeBinary.Find(row, ManifestRow.PayloadProperty) is { } payload) return payload;
        var links = new BlobLinks(context);
        return await links.FindLinkAsync(repository, digest, cancellationToken) is { } link ? await links.Read(digest, link).GetBytesAsync(cancellationToken) : null;
    }
}

/// <summary>Something that was deleted and can be restored.</summary>
/// <param name="Reference">What was deleted: a manifest, or a tag.</param>
/// <param name="Digest">The manifest, or the one that the tag pointed at.</param>
/// <param name="Tags">The tags that went with the manifest; some hundreds at most.</param>
/// <param name="DeletedAt">When, UTC, by the clock of storage.</param>
public sealed record DeletedItem(Reference Reference, Digest Digest, IReadOnlyList<Tag> Tags, DateTimeOffset DeletedAt);

/// <summary>What was restored.</summary>
/// <param name="Descriptor">The manifest.</param>
/// <param name="Tags">The tags that point at it again; the others are somebody else's by now.</param>
public sealed record RestoredManifest(Descriptor Descriptor, IReadOnlyList<Tag> Tags);
