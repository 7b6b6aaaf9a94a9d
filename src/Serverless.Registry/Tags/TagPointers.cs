using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tags;

/// <summary>
/// The rows that lead from a manifest back to the tags, and to the indexes, that name it. Each is written in the batch that makes a tag point there, and stays when the tag moves on:
/// it says where to look, and only the tag's own row says what is so. Without one no tag points at the manifest.
/// </summary>
internal sealed class TagPointers(RegistryContext context, RepositoryName repository)
{
    // Of tags that stand far apart so many are read one by one at a time.
    private const int MaxParallel = 16;

    /// <summary>The tags that point at a manifest, with their rows. Costs two calls, and more only where other tags stand between them.</summary>
    public async Task<IReadOnlyList<PointingTag>> FindTagsAsync(Digest digest, CancellationToken cancellationToken) =>
        await ReadAsync(digest, (await ListAsync(digest, cancellationToken)).Tags, cancellationToken);

    /// <summary>The tags that point at a manifest, and the indexes that name it, or once did: one call.</summary>
    public async Task<(IReadOnlyList<Tag> Tags, IReadOnlyList<Digest> Parents)> ListAsync(Digest digest, CancellationToken cancellationToken)
    {
        List<Tag> tags = [];
        List<Digest> parents = [];
        var prefix = TableKeys.PointersTo(digest);
        var query = RowQuery.Prefix(TableKeys.Encode(repository), prefix) with { Select = [] };
        await foreach (var row in context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            var name = row.Key.Row[prefix.Length..];
            if (Tag.TryParse(name, out var tag)) tags.Add(tag);
            else if (Digest.TryParse(name, out var parent)) parents.Add(parent);
        }

        return (tags, parents);
    }

    /// <summary>Those of the tags that point at a manifest.</summary>
    /// <param name="digest">The manifest.</param>
    /// <param name="tags">The tags, in their order.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<PointingTag>> ReadAsync(Digest digest, IReadOnlyList<Tag> tags, CancellationToken cancellationToken) =>
        tags.Count == 0 ? [] : [.. (await ReadAsync(tags, cancellationToken)).Where(t => ManifestRow.TagDigest(t.Row) == digest)];

    private async Task<IReadOnlyList<PointingTag>> ReadAsync(IReadOnlyList<Tag> tags, CancellationToken cancellationToken)
    {
        // From the first to the last of them, as far as a page goes; tags of one image often stand side by side.
        var (first, last) = (TableKeys.Tag(repository, tags[0]), TableKeys.Tag(repository, tags[^1]));
        var query = new RowQuery(first.Partition, first.Row, last.Row + '!') { Select = [ManifestRow.DigestProperty] };
        var page = await context.Tables.QueryAsync(TableKeys.RegistryTable, query, null, cancellationToken);
        var found = page.Rows.ToDictionary(r => r.Key.Row);
        var reached = page.Continuation is null ? last.Row : page.Rows.Count > 0 ? page.Rows[^1].Key.Row : "";
        foreach (var rest in tags.Select(t => TableKeys.Tag(repository, t)).Where(k => string.CompareOrdinal(k.Row, reached) > 0).Chunk(MaxParallel))
        {
            var rows = await Task.WhenAll(rest.Select(k => context.Tables.FindAsync(TableKeys.RegistryTable, k, cancellationToken)));
            foreach (var row in rows.OfType<TableRow>()) found[row.Key.Row] = row;
        }

        return [.. tags.Where(t => found.ContainsKey(TableKeys.TagPrefix + t)).Select(t => new PointingTag(t, found[TableKeys.TagPrefix + t]))];
    }
}

/// <summary>A tag, and its row as it was read.</summary>
internal sealed record PointingTag(Tag Tag, TableRow Row);
