namespace Serverless.Registry.Storage;

/// <summary>Deletes many rows, each only as it was read.</summary>
internal static class RowDeletes
{
    /// <summary>Deletes those rows of one partition that nobody has written since they were read.</summary>
    /// <returns>The rows that are gone, whoever deleted them; the others were written meanwhile and stay.</returns>
    public static Task<IReadOnlyList<TableRow>> DeleteUnchangedAsync(this ITableStore tables, string table, IReadOnlyList<TableRow> rows, CancellationToken cancellationToken) =>
        tables.DeleteUnchangedAsync(table, rows, null, cancellationToken);

    /// <summary>As the other overload, where each row goes together with writes of other rows of the partition.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="table">The table.</param>
    /// <param name="rows">The rows, as they were read.</param>
    /// <param name="beside">What is written in the same batch as a row's deletion, as many writes for each; null: nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IReadOnlyList<TableRow>> DeleteUnchangedAsync(
        this ITableStore tables, string table, IReadOnlyList<TableRow> rows, Func<TableRow, IReadOnlyList<RowWrite>>? beside, CancellationToken cancellationToken)
    {
        List<TableRow> gone = [];
        if (rows.Count == 0) return gone;
        foreach (var batch in rows.Chunk(TableLimits.BatchCount / Writes(rows[0]).Length))
        {
            if ((await tables.WriteAsync(table, [.. batch.SelectMany(Writes)], cancellationToken)).Done)
            {
                gone.AddRange(batch);
                continue;
            }

            // One of them was written or deleted meanwhile, or the answer to a first try was lost: each for itself.
            foreach (var row in batch)
            {
                if (await DeleteAsync(row) is WriteOutcome.Done or WriteOutcome.NotFound) gone.Add(row);
            }
        }

        return gone;

        RowWrite[] Writes(TableRow row) => beside is null ? [Delete(row)] : [Delete(row), .. beside(row)];

        async Task<WriteOutcome> DeleteAsync(TableRow row) => beside is null
            ? (await tables.WriteAsync(table, Delete(row), cancellationToken)).Outcome
            : (await tables.WriteAsync(table, Writes(row), cancellationToken)).Outcome;
    }

    private static RowWrite Delete(TableRow row) => new RowWrite.Delete(row.Key, row.ETag);
}
