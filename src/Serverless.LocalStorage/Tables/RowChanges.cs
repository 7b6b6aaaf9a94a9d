using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage.Tables;

/// <summary>Changes rows through one connection, inside of the transaction that its caller has begun.</summary>
internal sealed class RowChanges : IDisposable
{
    private readonly RowReader _reader;
    private readonly Statement _put;
    private readonly Statement _touch;
    private readonly Statement _delete;
    private readonly Statement _putLarge;
    private readonly Statement _deleteLarge;

    /// <param name="connection">The connection, of which this object is not the owner.</param>
    public RowChanges(SqliteConnection connection)
    {
        _reader = new RowReader(connection);
        _put = new(
            connection,
            """
            INSERT INTO rows (tbl, partition, row, etag, time, properties, large) VALUES ($table, $partition, $row, $etag, $time, $properties, $large)
            ON CONFLICT DO UPDATE SET etag = excluded.etag, time = excluded.time, properties = excluded.properties, large = excluded.large
            """);
        _touch = new(
            connection,
            "UPDATE rows SET etag = $etag, time = $time WHERE tbl = $table AND partition = $partition AND row = $row");
        _delete = new(connection, "DELETE FROM rows WHERE tbl = $table AND partition = $partition AND row = $row");
        _putLarge = new(connection, "INSERT INTO large (properties) VALUES ($properties) RETURNING id");
        _deleteLarge = new(connection, "DELETE FROM large WHERE id = $id");
    }

    /// <summary>Applies all changes of a batch, or none.</summary>
    /// <param name="table">The table.</param>
    /// <param name="batch">The changes, each to a row of its own.</param>
    /// <param name="now">The time that the rows get.</param>
    /// <returns>What became of the batch, and the ETag of the row that was written last.</returns>
    public (BatchResult Result, string? ETag) Apply(string table, IReadOnlyList<RowWrite> batch, DateTimeOffset now)
    {
        var old = new StoredRow?[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            old[i] = _reader.Find(table, batch[i].Key, whole: batch[i] is RowWrite.Merge or RowWrite.UpsertMerge { Properties.Count: > 0 });
            if (batch[i].Test(old[i] is { } row ? StoredRow.Text(row.ETag) : null) is var outcome && outcome != WriteOutcome.Done) return (new BatchResult(outcome, i), null);
        }

        string? etag = null;
        for (var i = 0; i < batch.Count; i++) etag = Apply(table, batch[i], old[i], now.UtcTicks);
        return (new BatchResult(WriteOutcome.Done), etag);
    }

    public void Dispose()
    {
        _reader.Dispose();
        foreach (var statement in (ReadOnlySpan<Statement>)[_put, _touch, _delete, _putLarge, _deleteLarge]) statement.Dispose();
    }

    private string? Apply(string table, RowWrite write, StoredRow? old, long time)
    {
        var key = write.Key;
        if (write is RowWrite.Delete)
        {
            _delete.Run(table, key.Partition, key.Row);
            DropLarge(old);
            return null;
        }

        // Random, so that a row that is deleted and made anew never has an ETag that somebody may still hold.
        var etag = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));
        if (write is RowWrite.Touch || (write is RowWrite.UpsertMerge { Properties.Count: 0 } && old is not null))
        {
            _touch.Run(etag, time, table, key.Partition, key.Row);
            return StoredRow.Text(etag);
        }

        var (row, large) = RowFormat.Encode(write switch
        {
            RowWrite.Insert w => w.Properties,
            RowWrite.Upsert w => w.Properties,
            RowWrite.Replace w => w.Properties,
            RowWrite.UpsertMerge w => Merged(old, w.Properties),
            RowWrite.Merge w => Merged(old, w.Properties),
            _ => throw new ArgumentException($"A change of the kind {write.GetType().Name} is not known."),
        });
        DropLarge(old);
        _put.Run(table, key.Partition, key.Row, etag, time, row, large is null ? null : _putLarge.Number(large));
        return StoredRow.Text(etag);
    }

    private void DropLarge(StoredRow? old)
    {
        if (old?.Large is { } id) _deleteLarge.Run(id);
    }

    private static IReadOnlyDictionary<string, object> Merged(StoredRow? old, IReadOnlyDictionary<string, object> added)
    {
        if (old is not { } row) return added;
        var merged = new Dictionary<string, object>(row.ToRow().Properties, StringComparer.Ordinal);
        foreach (var (name, value) in added) merged[name] = value;
        return merged;
    }
}
