namespace Serverless.Registry.Storage;

/// <summary>Deletes many rows, each only as it was read.</summary>
internal static class RowDeletes
{
    /// <summary>Deletes those rows of one partition that nobody has written since they were read.</summary>
    /// <returns>The rows that are gone, whoever deleted them; the others were written meanwhile and stay.</returns>
    public static async Task<IReadOnlyList<TableRow>> DeleteUnchangedAsync(
        this ITableStore tables, string table, IReadOnlyList<TableRow> rows, CancellationToken cancellationToken)
    {
        List<TableRow> gone = [];
        foreach (var batch in rows.Chunk(TableLimits.BatchCount))
        {
            RowWrite[] deletes = [.. batch.Select(r => new RowWrite.Delete(r.Key, r.ETag))];
            if ((await tables.WriteAsync(table, deletes, cancellationToken)).Done)
            {
                gone.AddRange(batch);
                continue;
            }

            // One of them was written or deleted meanwhile, or the answer to a first try was lost: each for itself.
            for (var i = 0; i < batch.Length; i++)
            {
                var result = await tables.WriteAsync(table, deletes[i], cancellationToken);
                if (result.Outcome is WriteOutcome.Done or WriteOutcome.NotFound) gone.Add(batch[i]);
            }
        }

        return gone;
    }
}
