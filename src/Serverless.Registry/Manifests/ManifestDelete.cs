using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Manifests;

/// <summary>
/// Deletes a manifest with its tags. Manifest and tags go by the ETags that were read, in one batch: a tag that somebody moves meanwhile to another
/// manifest stays, and one that somebody points here meanwhile rewrites the manifest's row, so that the batch fails and begins anew.
/// </summary>
internal sealed class ManifestDelete(RegistryContext context, RepositoryName repository)
{
    private const int MaxTagsInBatch = 90;

    public async Task<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken)
    {
        await context.Announcements.QueueRepositoryAsync(repository, cancellationToken);
        var tried = false;
        return await StorageRetry.RunAsync(async () =>
        {
            var manifest = await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(repository, digest), cancellationToken);
            // Gone after a try of ours: the answer to it was lost, or somebody else deleted the manifest at the same moment.
            if (manifest is null) return (true, tried);
            var tags = await TagsOfAsync(digest, cancellationToken);
            foreach (var tag in tags.Select(t => Tag.Parse(t.Key.Row[TableKeys.TagPrefix.Length..])))
            {
                if (context.IsImmutable(repository, tag)) throw ImmutableTags.Refuse(tag);
            }

            // More tags than a batch takes: the tags first, so that none is ever left without its manifest.
            foreach (var early in tags.SkipLast(MaxTagsInBatch).Chunk(TableLimits.BatchCount))
            {
                if (!(await WriteAsync([.. early.Select(Delete)], cancellationToken)).Done) return default;
            }

            List<RowWrite> batch = [Delete(manifest), .. tags.TakeLast(MaxTagsInBatch).Select(Delete)];
            if (await FindReferrerAsync(manifest, digest, cancellationToken) is { } referrer) batch.Add(Delete(referrer));
            tried = true;
            return (await WriteAsync(batch, cancellationToken)).Done ? (true, true) : default;
        }, cancellationToken);
    }

    private async Task<List<TableRow>> TagsOfAsync(Digest digest, CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.TagPrefix) with { Select = [ManifestRow.DigestProperty] };
        List<TableRow> tags = [];
        await foreach (var row in context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            if (ManifestRow.TagDigest(row) == digest) tags.Add(row);
        }

        return tags;
    }

    private async Task<TableRow?> FindReferrerAsync(TableRow manifest, Digest digest, CancellationToken cancellationToken) =>
        ManifestRow.Subject(manifest) is { } subject
            ? await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Referrer(repository, subject, digest), cancellationToken)
            : null;

    private Task<BatchResult> WriteAsync(IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken) =>
        context.Tables.WriteAsync(TableKeys.RegistryTable, batch, cancellationToken);

    private static RowWrite Delete(TableRow row) => new RowWrite.Delete(row.Key, row.ETag);
}
