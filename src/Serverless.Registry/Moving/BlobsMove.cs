using System.Runtime.CompilerServices;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>
/// Moves the blobs: of each digest the bytes, then <c>!</c>, then the links. What nobody can read right, because its bytes are wrong, is left out with all its links: then clients find that it is not there, and
/// push it again.
/// </summary>
internal sealed class BlobsMove(MoveRun run, TargetObjects objects)
{
    private const int AtOnce = 16;

    // Storage that fails so many blobs in a row fails the others too.
    private const int MaxFailuresInARow = 5;

    private readonly ObjectMove _bytes = new(run);
    private int _failures;

    public Task RunAsync(CancellationToken cancellationToken) => RowPiece.RunAllAsync(ReadAsync(cancellationToken), AtOnce, WriteAsync, cancellationToken);

    private async IAsyncEnumerable<RowPiece> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pieces = new RowPieces(run.Options.BatchCount);
        string? blob = null;
        await foreach (var pair in RowPairs.ReadAsync(run, TableKeys.BlobsTable, keysOnly: false, cancellationToken))
        {
            if (pair.Source is not { } source) continue;
            run.Progress.AddRow();
            if (pieces.Begin(pair.Key.Partition) is { } finished) yield return finished;
            var row = MovedRows.Translate(TableKeys.BlobsTable, source);
            if (IsBlob(row.Key))
            {
                if (!TryAddBlob(source, row, pieces)) continue;
                blob = row.Key.Partition;
            }
            else if (IsLink(row.Key) && blob != row.Key.Partition)
            {
                // Linked while it was read: the next run finds both.
                if (!run.Options.Final) run.Progress.AddLeft();
                else run.Report(MoveFindingKind.Refused, row.Key.Partition, $"the repository {row.Key.Row} links to a blob that there is not");
                continue;
            }

            if (MovedRows.Find(row, pair.Target) is { } write && pieces.Add(new MovedRow(write, row)) is { } full) yield return full;
        }

        if (pieces.End() is { } last) yield return last;
    }

    /// <returns>Whether the blob is one that can be moved, as far as its row tells.</returns>
    private bool TryAddBlob(TableRow source, TableRow row, RowPieces pieces)
    {
        run.Progress.AddBlob();
        try
        {
            var (digest, from, to, size) = (Digest.Parse(row.Key.Partition), BlobLinks.LocationOf(source), BlobLinks.LocationOf(row), BlobLinks.SizeOf(row));
            var there = objects.Take(to);
            if (there != size) pieces.Add(new BlobToMove(digest, size, from, to, there is not null));
            return true;
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            run.Report(MoveFindingKind.Refused, row.Key.Partition, $"the row of the blob cannot be read: {e.Message}");
            return false;
        }
    }

    private async Task<bool> WriteAsync(RowPiece piece, CancellationToken cancellationToken)
    {
        var isWhole = await piece.Before && (piece.Blob is null || await SendAsync(piece.Blob, cancellationToken));
        IReadOnlyList<MovedRow> rows = isWhole ? piece.Rows : [.. piece.Rows.Where(r => !IsBlob(r.Row.Key) && !IsLink(r.Row.Key))];
        return rows.Count == 0 ? isWhole : await GuardAsync(rows[0].Row.Key.Partition, async () =>
        {
            await run.WriteAsync(TableKeys.BlobsTable, rows, cancellationToken);
            return isWhole;
        });
    }

    private Task<bool> SendAsync(BlobToMove blob, CancellationToken cancellationToken)
    {
        if (!run.Options.DryRun) return GuardAsync(blob.Digest.ToString(), () => TrySendAsync(blob, cancellationToken));
        run.Progress.AddSent(blob.Size);
        return Task.FromResult(true);
    }

    private async Task<bool> TrySendAsync(BlobToMove blob, CancellationToken cancellationToken)
    {
        if (await _bytes.SendAsync(blob, cancellationToken) is not { } problem) return true;
        // The collector may have deleted it since its row was read.
        var row = await run.Source.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(blob.Digest), cancellationToken);
        if (row is not null && BlobLinks.LocationOf(row) == blob.From) run.Report(MoveFindingKind.Refused, blob.Digest.ToString(), problem);
        else run.Progress.AddLeft();
        return false;
    }

    private async Task<bool> GuardAsync(string what, Func<Task<bool>> act)
    {
        try
        {
            var done = await act();
            Volatile.Write(ref _failures, 0);
            return done;
        }
        catch (Exception e) when (e is StorageUnavailableException or IOException || e is RegistryException { Error: var error } && error == RegistryError.SenderTooSlow)
        {
            if (Interlocked.Increment(ref _failures) >= MaxFailuresInARow) throw;
            run.Report(MoveFindingKind.Failed, what, e.Message);
            return false;
        }
    }

    private static bool IsBlob(RowKey key) => key.Row == TableKeys.BlobRow;

    // What begins with a tilde is kept beside the links.
    private static bool IsLink(RowKey key) => !IsBlob(key) && !key.Row.StartsWith('~');
}
