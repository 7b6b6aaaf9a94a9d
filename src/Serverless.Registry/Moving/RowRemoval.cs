using System.Runtime.CompilerServices;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>
/// Deletes from the target what the source does not have, in the opposite order: tags and referrers, indexes, other manifests, links, <c>!</c>, and the bytes in the end, if all that is in use is known. Each row goes only as it was read.
/// </summary>
internal sealed class RowRemoval(MoveRun run)
{
    private const int AtOnce = 16;

    /// <summary>The tables in the order in which rows go from them.</summary>
    private static readonly string[] s_tables = [TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable];

    public async Task RunAsync(TargetObjects objects, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        foreach (var table in s_tables)
        {
            await Parallel.ForEachAsync(FindAsync(table, cancellationToken), parallel, async (rows, end) => await DeleteAsync(table, rows, end));
        }

        // A blob that was refused may be in the target from before, under another name than it has in the source now.
        if (run.Progress.Refused > 0) return;
        await Parallel.ForEachAsync(objects.Names, parallel, async (name, end) =>
        {
            if (!run.Options.DryRun) await run.Target.Objects.DeleteAsync(name, null, end);
            run.Progress.AddOrphan();
        });
    }

    private async Task DeleteAsync(string table, IReadOnlyList<TableRow> rows, CancellationToken cancellationToken)
    {
        foreach (var some in rows.Chunk(run.Options.BatchCount))
        {
            if (!run.Options.DryRun && (await run.Target.Tables.DeleteUnchangedAsync(table, some, cancellationToken)).Count < some.Length) throw MoveRun.Interfered();
            run.Progress.AddDeleted(some.Length);
        }
    }

    /// <summary>What is to go of each partition, in this order.</summary>
    private async IAsyncEnumerable<IReadOnlyList<TableRow>> FindAsync(string table, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (order, gone, partition) = (new IndexOrder(), new List<TableRow>(), "");
        await foreach (var pair in RowPairs.ReadAsync(run, table, keysOnly: true, cancellationToken))
        {
            if (pair.Key.Partition != partition)
            {
                if (gone.Count > 0) yield return Sort(table, gone, order);
                (order, gone, partition) = (new IndexOrder(), [], pair.Key.Partition);
            }

            if (pair.Target is null) continue;
            if (table == TableKeys.RegistryTable) order.Add(pair.Key);
            if (pair.Source is null) gone.Add(pair.Target);
        }

        if (gone.Count > 0) yield return Sort(table, gone, order);
    }

    private static IReadOnlyList<TableRow> Sort(string table, List<TableRow> rows, IndexOrder order)
    {
        // Links sort after the blob, and what names a manifest after all of these.
        rows.Reverse();
        if (table != TableKeys.RegistryTable) return rows;
        var manifests = rows.Where(r => DigestOf(r) is not null).ToDictionary(r => DigestOf(r)!.Value);
        var before = rows.TakeWhile(r => DigestOf(r) is null).ToList();
        return [.. before, .. order.Sort(manifests.Keys).Reverse().Select(d => manifests[d]), .. rows.Skip(before.Count).Where(r => DigestOf(r) is null)];
    }

    private static Digest? DigestOf(TableRow row) =>
        row.Key.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal) && Digest.TryParse(row.Key.Row[TableKeys.ManifestPrefix.Length..], out var digest) ? digest : null;
}
