using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tags;

/// <summary>What a tag is to point at, and its row.</summary>
internal sealed record TagTarget(Digest Digest, IReadOnlyDictionary<string, object> Row);

/// <summary>
/// The write that points a tag at a manifest. A tag that may be moved is upserted. An immutable one is inserted, so that of two pushes at once one fails in
/// storage, with no look beforehand that could be out of date; pushing again what it points at is fine.
/// </summary>
internal static class TagWrite
{
    public static RowWrite New(RegistryContext context, RepositoryName repository, Tag tag, TagTarget target) =>
        context.IsImmutable(repository, tag)
            ? new RowWrite.Insert(TableKeys.Tag(repository, tag), target.Row)
            : new RowWrite.Upsert(TableKeys.Tag(repository, tag), target.Row);

    /// <summary>Looks at the immutable tags after their batch failed, and replaces the writes of those that exist.</summary>
    /// <returns>Whether a write was replaced, so that another try may succeed.</returns>
    /// <exception cref="RegistryException">DENIED: an immutable tag points elsewhere.</exception>
    public static async Task<bool> RefreshAsync(
        RegistryContext context, RepositoryName repository, Dictionary<Tag, RowWrite> writes, TagTarget target, CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var (tag, write) in writes.Where(w => context.IsImmutable(repository, w.Key)).ToList())
        {
            var row = await context.Tables.FindAsync(TableKeys.RegistryTable, write.Key, cancellationToken);
            if (row is not null && ManifestRow.TagDigest(row) != target.Digest) throw ImmutableTags.Refuse(tag);
            writes[tag] = row is null ? New(context, repository, tag, target) : new RowWrite.Touch(write.Key, row.ETag);
            changed |= writes[tag] != write;
        }

        return changed;
    }
}
