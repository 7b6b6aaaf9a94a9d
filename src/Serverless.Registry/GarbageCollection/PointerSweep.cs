using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Takes away what leads from a manifest to a tag or an index that does not name it any more. A deletion finds the tags of a manifest by these rows alone, so one that is missing would
/// leave a tag without its manifest: each goes by the version that was read before the tag was, and whoever points the tag back writes a new one in the same batch.
/// </summary>
internal sealed class PointerSweep(CollectionRun run, RepositoryName repository, Action<TableRow, TimeSpan> passOver)
{
    private readonly ITableStore _tables = run.Context.Tables;

    /// <param name="tags">What the tags pointed at a moment ago, by its number in the graph.</param>
    /// <param name="graph">The manifests of a moment ago.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task RunAsync(IReadOnlyDictionary<string, int> tags, ManifestGraph graph, CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.PointerPrefix) with { Select = [] };
        var doubtful = _tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken).Where(row => !IsNeeded(row));
        await foreach (var rows in doubtful.Chunk(TableLimits.BatchCount).WithCancellation(cancellationToken))
        {
            if (run.Options.DryRun) continue;
            await run.DemandWritableAsync(cancellationToken);
            var named = await Task.WhenAll(rows.Select(row => run.Context.Touches.RunAsync(() => IsNamedAsync(row, cancellationToken), cancellationToken)));
            await _tables.DeleteUnchangedAsync(TableKeys.RegistryTable, [.. rows.Where((_, i) => !named[i])], cancellationToken);
        }

        bool IsNeeded(TableRow row)
        {
            var (digest, name) = TableKeys.PointerParts(row.Key);
            // What an index names never changes, so it is enough that the index stays.
            if (Digest.TryParse(name, out var parent) ? graph.IsLive(parent) : tags.TryGetValue(name, out var pointed) && pointed == graph.NumberOf(digest)) return true;
            if (row.Timestamp < run.Cutoff) return false;
            passOver(row, run.Context.Options.Grace);
            return true;
        }
    }

    // Read after the row that leads here.
    private async Task<bool> IsNamedAsync(TableRow pointer, CancellationToken cancellationToken)
    {
        var (digest, name) = TableKeys.PointerParts(pointer.Key);
        var target = Digest.TryParse(name, out var parent) ? TableKeys.Manifest(repository, parent) : TableKeys.Tag(repository, Tag.Parse(name));
        var query = new RowQuery(target.Partition, target.Row, target.Row + '!') { Select = [ManifestRow.DigestProperty], PageSize = 1 };
        var row = await _tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken).FirstOrDefaultAsync(cancellationToken);
        return row is not null && (target.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal) || ManifestRow.TagDigest(row) == digest);
    }
}
