using System.Runtime.CompilerServices;

namespace Serverless.Registry.Storage;

/// <summary>What every table store can do by means of the port.</summary>
public static class TableStoreExtensions
{
    /// <summary>Reads all rows of a range, page after page.</summary>
    public static async IAsyncEnumerable<TableRow> ListAsync(
        this ITableStore store, string table, RowQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await store.QueryAsync(table, query, continuation, cancellationToken);
            foreach (var row in page.Rows) yield return row;
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    /// <summary>Reads all rows of many partitions from a place on: the rest of its partition, and then the partitions after it.</summary>
    /// <param name="store">The store.</param>
    /// <param name="table">The table.</param>
    /// <param name="query">The partitions, from <see cref="RowQuery.Partitions"/>.</param>
    /// <param name="place">What <see cref="PlaceOf"/> has made of the last row that was read; null begins at the beginning.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static IAsyncEnumerable<TableRow> ListFromAsync(this ITableStore store, string table, RowQuery query, string? place, CancellationToken cancellationToken)
    {
        if (place?.Split('|') is not [var partition, var row]) return store.ListAsync(table, query, cancellationToken);
        return store.ListAsync(table, RowQuery.Prefix(partition, "").After(row), cancellationToken)
            .Concat(store.ListAsync(table, query with { FirstPartition = partition + '!' }, cancellationToken));
    }

    /// <summary>A row's place, for a walk that is to go on after it.</summary>
    public static string PlaceOf(RowKey key) => $"{key.Partition}|{key.Row}";

    /// <summary>
    /// Whether a batch with these inserts failed because it had been applied before, by a try of ours whose answer was lost. They must be at its beginning. Where storage does not say
    /// which change failed, another one may have: then one of the rows is looked for.
    /// </summary>
    public static async Task<bool> WasAppliedAsync(this ITableStore store, string table, IReadOnlyList<RowWrite> inserts, BatchResult result, CancellationToken cancellationToken)
    {
        if (result.Outcome != WriteOutcome.Exists || inserts.Count == 0) return false;
        if (result.Failed is { } failed) return failed < inserts.Count;
        return await store.FindAsync(table, inserts[0].Key, cancellationToken) is not null;
    }

    /// <summary>Reads all rows of a range that has few, and what time it was at storage when it began to answer.</summary>
    public static async Task<(IReadOnlyList<TableRow> Rows, DateTimeOffset Time)> ReadAllAsync(
        this ITableStore store, string table, RowQuery query, CancellationToken cancellationToken)
    {
        var page = await store.QueryAsync(table, query, null, cancellationToken);
        List<TableRow> rows = [.. page.Rows];
        var time = page.Time;
        while (page.Continuation is { } continuation)
        {
            page = await store.QueryAsync(table, query, continuation, cancellationToken);
            rows.AddRange(page.Rows);
        }

        return (rows, time);
    }

    /// <summary>Reads the first rows of a range: one round trip, and more only where storage hands out short pages.</summary>
    /// <returns>The rows, and whether there are more after them.</returns>
    public static async Task<(IReadOnlyList<TableRow> Rows, bool More)> TakeAsync(
        this ITableStore store, string table, RowQuery query, int count, CancellationToken cancellationToken)
    {
        List<TableRow> rows = [];
        string? continuation = null;
        do
        {
            // One more than asked for tells whether there is a next page; storage gives at most MaxPageSize at a time.
            var wanted = (int)Math.Min((long)count + 1 - rows.Count, RowQuery.MaxPageSize);
            var page = await store.QueryAsync(table, query with { PageSize = wanted }, continuation, cancellationToken);
            rows.AddRange(page.Rows);
            continuation = page.Continuation;
            // A continuation says "more" as well as the extra row does, and spares the round trip.
            if (rows.Count == count && continuation is not null) return (rows, true);
        }
        while (rows.Count <= count && continuation is not null);

        return rows.Count > count ? (rows[..count], true) : (rows, false);
    }
}
