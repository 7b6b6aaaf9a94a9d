using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>
/// Looks, while people push to the source, whether the target has what a row names. Rows that were there before the run began name what was there before it, which comes first. A younger one may name a blob whose
/// digest was passed before it was pushed, and a tag a manifest; those are left to the next run.
/// </summary>
internal sealed class NamedRows(MoveRun run)
{
    /// <summary>The rows of a batch that name nothing which is missing; the others are counted as left.</summary>
    public async Task<IReadOnlyList<MovedRow>> LeaveAsync(IReadOnlyList<MovedRow> rows, CancellationToken cancellationToken)
    {
        HashSet<RowKey> kept = [];
        List<MovedRow> list = [];
        foreach (var row in rows)
        {
            // What is only touched is there.
            if (row.Write is not RowWrite.Touch && run.IsYoung(row.Row) && !await HasAllAsync(row.Row, kept, cancellationToken))
            {
                run.Progress.AddLeft();
                continue;
            }

            kept.Add(row.Row.Key);
            list.Add(row);
        }

        return list;
    }

    private async Task<bool> HasAllAsync(TableRow row, HashSet<RowKey> beside, CancellationToken cancellationToken)
    {
        var kind = row.Key.Row.Split(':', 2)[0] + ":";
        if (kind == TableKeys.TagPrefix) return await HasManifestAsync(row.Key.Partition, ManifestRow.TagDigest(row), beside, cancellationToken);
        if (kind == TableKeys.ReferrersPrefix) return await HasManifestAsync(row.Key.Partition, TableKeys.ReferrerDigest(row.Key), beside, cancellationToken);
        if (kind != TableKeys.ManifestPrefix) return true;
        foreach (var (digest, mayBeManifest) in NamesOf(row))
        {
            if (await HasAsync(TableKeys.BlobsTable, new RowKey(digest.ToString(), row.Key.Partition), beside, cancellationToken)) continue;
            if (!mayBeManifest || !await HasManifestAsync(row.Key.Partition, digest, beside, cancellationToken)) return false;
        }

        return true;
    }

    /// <summary>What must be there for the sake of a manifest; and whether it may be a manifest, for a child of an index may be either.</summary>
    private IEnumerable<(Digest Digest, bool MayBeManifest)> NamesOf(TableRow row)
    {
        var own = Digest.Parse(row.Key.Row[TableKeys.ManifestPrefix.Length..]);
        if (ManifestRow.IsMirrored(row)) return ManifestRow.HoldsPayload(row) ? [] : [(own, false)];
        // The payload is a blob. What it names is named by the row, unless it is very much; then the manifest waits until nobody pushes.
        if (LargeBinary.Find(row, ManifestRow.PayloadProperty) is not { } payload) return (ManifestRow.FindReferences(row) ?? [own]).Select(d => (d, true));
        try
        {
            var (manifest, rules) = (run.Source.Options.ManifestTypes.Parse(row.GetString(ManifestRow.MediaTypeProperty), payload, own.Algorithm), run.Source.Options.ManifestRules);
            return manifest.Content.Blobs.Where(b => !rules.MayBlobBeAbsent(manifest, b)).Select(b => (b.Digest, false))
                .Concat(manifest.Content.Manifests.Where(c => !rules.MayChildBeAbsent(c)).Select(c => (c.Digest, true)));
        }
        catch (RegistryException)
        {
            // No release that runs here can read it, so nobody can tell what it names.
            return [];
        }
    }

    private Task<bool> HasManifestAsync(string repository, Digest digest, HashSet<RowKey> beside, CancellationToken cancellationToken) =>
        HasAsync(TableKeys.RegistryTable, new RowKey(repository, TableKeys.ManifestPrefix + digest), beside, cancellationToken);

    private async Task<bool> HasAsync(string table, RowKey key, HashSet<RowKey> beside, CancellationToken cancellationToken) =>
        beside.Contains(key) || await run.Target.Tables.FindAsync(table, key, cancellationToken) is not null;
}
