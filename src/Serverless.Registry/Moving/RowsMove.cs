using System.Runtime.CompilerServices;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>
/// Moves the rows of repositories, or those of the registry as a whole. Of a repository they are written in the order of their keys, which is one in which nothing dangles, save that indexes come after the other
/// manifests:
/// <code>
///   d:  which manifests are indexes      m:  those that are none      m:  indexes, each after what it names      r:  t:
/// </code>
/// </summary>
internal sealed class RowsMove(MoveRun run, string table)
{
    private const int AtOnce = 16;

    private readonly NamedRows _named = new(run);
    private DateTimeOffset _newest;

    /// <summary>Moves them.</summary>
    /// <returns>When somebody last changed what the rows tell, by the clock of the source's storage.</returns>
    public async Task<DateTimeOffset> RunAsync(CancellationToken cancellationToken)
    {
        await RowPiece.RunAllAsync(ReadAsync(cancellationToken), AtOnce, WriteAsync, cancellationToken);
        return _newest;
    }

    private async IAsyncEnumerable<RowPiece> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pieces = new RowPieces(run.Options.BatchCount);
        await foreach (var row in FindChangedAsync(cancellationToken))
        {
            if (pieces.Begin(row.Row.Key.Partition) is { } finished) yield return finished;
            if (pieces.Add(row) is { } full) yield return full;
        }

        if (pieces.End() is { } last) yield return last;
    }

    private async IAsyncEnumerable<MovedRow> FindChangedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (order, waiting, partition) = (new IndexOrder(), new List<Digest>(), "");
        await foreach (var pair in RowPairs.ReadAsync(run, table, keysOnly: false, cancellationToken))
        {
            if (pair.Source is not { } row) continue;
            run.Progress.AddRow();
            if (!MovedRows.IsIncidental(row.Key) && row.Timestamp > _newest) _newest = row.Timestamp;
            if (waiting.Count > 0 && !(row.Key.Partition == partition && IsManifest(row.Key)))
            {
                await foreach (var index in TakeAsync(partition, order, waiting, cancellationToken)) yield return index;
            }

            if (row.Key.Partition != partition) order.Clear();
            partition = row.Key.Partition;
            if (table == TableKeys.RegistryTable) order.Add(row.Key);
            if (MovedRows.Find(row, pair.Target) is not { } write) continue;
            if (pair.Target is null && IsManifest(row.Key) && DigestOf(row.Key) is { } digest && order.IsIndex(digest)) waiting.Add(digest);
            else yield return new MovedRow(write, row);
        }

        await foreach (var index in TakeAsync(partition, order, waiting, cancellationToken)) yield return index;
    }

    /// <summary>The indexes that have waited for all other manifests of their repository. There may be many, so their rows are read once more.</summary>
    private async IAsyncEnumerable<MovedRow> TakeAsync(string partition, IndexOrder order, List<Digest> waiting, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var digest in order.Sort(waiting))
        {
            // One that has gone meanwhile is not missed.
            if (await run.Source.Tables.FindAsync(table, new RowKey(partition, TableKeys.ManifestPrefix + digest), cancellationToken) is { } row) yield return new MovedRow(new RowWrite.Upsert(row.Key, row.Properties), row);
        }

        waiting.Clear();
    }

    private async Task<bool> WriteAsync(RowPiece piece, CancellationToken cancellationToken)
    {
        if (!await piece.Before) return false;
        // In the last run nobody pushes; in a dry run nothing is there.
        var isAllThere = run.Options.Final || run.Options.DryRun || table != TableKeys.RegistryTable;
        await run.WriteAsync(table, isAllThere ? piece.Rows : await _named.LeaveAsync(piece.Rows, cancellationToken), cancellationToken);
        return true;
    }

    private bool IsManifest(RowKey key) => table == TableKeys.RegistryTable && key.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal);

    private static Digest? DigestOf(RowKey key) => Digest.TryParse(key.Row[TableKeys.ManifestPrefix.Length..], out var digest) ? digest : null;
}
