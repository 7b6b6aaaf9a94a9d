using Microsoft.Data.Sqlite;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage.Tables;

/// <summary>Reads rows through one connection, with statements that are compiled once. One call at a time.</summary>
internal sealed class RowReader : IDisposable
{
    private const string Small = "SELECT partition, row, etag, time, rows.properties, rows.large, NULL FROM rows";
    private const string Whole = "SELECT partition, row, etag, time, rows.properties, rows.large, large.properties FROM rows LEFT JOIN large ON large.id = rows.large";
    private const string One = " WHERE tbl = $table AND partition = $partition AND row = $row";
    private const string Range = " WHERE tbl = $table AND partition = $partition AND row >= $row AND row < $end ORDER BY row LIMIT $count";

    private const string Scan =
        " WHERE tbl = $table AND (partition, row) >= ($partition, $row) AND partition < $endPartition AND row >= $from AND row < $end ORDER BY partition, row LIMIT $count";

    // Comes after every key.
    private const string Last = "\U0010ffff";

    private readonly Statement _one;
    private readonly Statement _small;
    private readonly Statement _range;
    private readonly Statement _smallRange;
    private readonly Statement _scan;
    private readonly Statement _smallScan;

    /// <param name="connection">The connection, of which this object is not the owner.</param>
    public RowReader(SqliteConnection connection)
    {
        _one = new(connection, Whole + One);
        _small = new(connection, Small + One);
        (_range, _smallRange) = (new(connection, Whole + Range), new(connection, Small + Range));
        (_scan, _smallScan) = (new(connection, Whole + Scan), new(connection, Small + Scan));
    }

    /// <summary>Reads a row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">Its key.</param>
    /// <param name="whole">Whether to read its large properties too.</param>
    /// <returns>The row; null when there is none.</returns>
    public StoredRow? Find(string table, RowKey key, bool whole)
    {
        using var reader = (whole ? _one : _small).Read(table, key.Partition, key.Row);
        return reader.Read() ? Row(reader) : null;
    }

    /// <summary>Reads rows in the order of their keys.</summary>
    /// <param name="table">The table.</param>
    /// <param name="query">Which rows.</param>
    /// <param name="first">Where to begin; null: where the query does.</param>
    /// <param name="count">The most rows to read.</param>
    public List<TableRow> Query(string table, RowQuery query, RowKey? first, int count)
    {
        // Large properties are seldom among those that somebody selects.
        return (query.Select is null ? null : TryQuery(whole: false)) ?? TryQuery(whole: true) ?? throw StoredRow.Incomplete();

        List<TableRow>? TryQuery(bool whole)
        {
            List<TableRow> rows = [];
            using var reader = Run(table, query, first, count, whole);
            while (reader.Read())
            {
                if (Row(reader).ToRow(query.Select) is not { } row) return null;
                rows.Add(row);
            }

            return rows;
        }
    }

    public void Dispose()
    {
        foreach (var statement in (ReadOnlySpan<Statement>)[_one, _small, _range, _smallRange, _scan, _smallScan]) statement.Dispose();
    }

    private Statement.Rows Run(string table, RowQuery query, RowKey? first, int count, bool whole) => query.Partition is { } partition
        ? (whole ? _range : _smallRange).Read(table, partition, first?.Row ?? query.From, query.To, count)
        : (whole ? _scan : _smallScan).Read(
            table, first?.Partition ?? query.FirstPartition ?? "", first?.Row ?? query.From, query.EndPartition ?? Last, query.From, query.To, count);

    private static StoredRow Row(Statement.Rows rows) => new(
        new RowKey(rows.Text(0), rows.Text(1)),
        rows.Number(2),
        rows.Number(3),
        rows.Bytes(4),
        rows.IsNull(5) ? null : rows.Number(5),
        rows.IsNull(6) ? null : rows.Bytes(6));
}
