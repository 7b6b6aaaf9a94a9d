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
    public async Task<IReadOnlyList<PointingTag>> FindTagsAsync(Digest digest, CancellationToken cancellationToken)
    {
        List<Tag> named = [];
        await foreach (var name in ListAsync(digest, cancellationToken))
        {
            if (Tag.TryParse(name, out var tag)) named.Add(tag);
        }

        if (named.Count == 0) return [];
        var rows = await ReadAsync(named, cancellationToken);
        return [.. rows.Where(t => ManifestRow.TagDigest(t.Row) == digest)];
    }

    /// <summary>The indexes that name a manifest, or once did.</summary>
    public async Task<IReadOnlyList<Digest>> FindParentsAsync(Digest digest, CancellationToken cancellationToken)
    {
        List<Digest> parents = [];
        await foreach (var name in ListAsync(digest, cancellationToken))
        {
            if (Digest.TryParse(name, out var parent)) parents.Add(parent);
        }

        return parents;
    }

    private async IAsyncEnumerable<string> ListAsync(Digest digest, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prefix = TableKeys.PointersTo(digest);
        var query = RowQuery.Prefix(TableKeys.Encode(repository), prefix) with { Select = [] };
        await foreach (var row in context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken)) yield return row.Key.Row[prefix.Length..];
    }

    private async Task<IReadOnlyList<PointingTag>> ReadAsync(List<Tag> tags, CancellationToken cancellationToken)
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
