using Microsoft.Data.Sqlite;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage.Tables;

/// <summary><see cref="ITableStore"/> on a SQLite database.</summary>
/// <param name="database">The database.</param>
/// <param name="time">Dates rows.</param>
internal sealed class SqliteTableStore(Database database, TimeProvider time) : ITableStore, IDisposable
{
    // Connections that are kept for the next reader; each has some MiB of pages.
    private static readonly int s_idle = 2 * Environment.ProcessorCount;

    private readonly Stack<Reading> _idle = [];
    private readonly Lock _taking = new();
    private readonly RowWriter _writer = new(database, time);

    /// <inheritdoc/>
    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken)
    {
        TableLimits.Check(key);
        return ReadAsync(reader => reader.Find(table, key, whole: true)?.ToRow(), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        // The continuation is the next row's key: the page goes on there even when rows came or went meanwhile.
        RowKey? first = continuation?.Split('\n') is [var partition, var row] ? new RowKey(partition, row) : null;
        return ReadAsync(reader =>
        {
            var now = time.GetUtcNow();
            var rows = reader.Query(table, query, first, query.PageSize + 1);
            string? next = null;
            if (rows.Count > query.PageSize)
            {
                next = rows[^1].Key.Partition + "\n" + rows[^1].Key.Row;
                rows.RemoveAt(rows.Count - 1);
            }

            // To the second, as on Azure.
            return new RowPage(rows, next, now.AddTicks(-(now.UtcTicks % TimeSpan.TicksPerSecond)));
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableLimits.Check(write);
        var (result, etag) = await _writer.WriteAsync(table, [write], cancellationToken);
        return new WriteResult(result.Outcome, etag);
    }

    /// <inheritdoc/>
    public async Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableLimits.Check(batch);
        return (await _writer.WriteAsync(table, batch, cancellationToken)).Result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer.Dispose();
        lock (_taking)
        {
            while (_idle.TryPop(out var reading)) reading.Dispose();
        }
    }

    // SQLite has no calls that wait for the disk elsewhere: a read takes this thread, some microseconds of it where the pages are in memory.
    private Task<T> ReadAsync<T>(Func<RowReader, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Reading? reading = null;
        try
        {
            reading = TakeIdle() ?? new Reading(database.Connect());
            var result = read(reading.Reader);
            Keep(reading);
            return Task.FromResult(result);
        }
        catch (SqliteException e)
        {
            reading?.Dispose();
            return Task.FromException<T>(LocalFailure.Translate(e));
        }
        catch (InvalidDataException e)
        {
            reading?.Dispose();
            return Task.FromException<T>(e);
        }
    }

    private Reading? TakeIdle()
    {
        lock (_taking) return _idle.TryPop(out var reading) ? reading : null;
    }

    private void Keep(Reading reading)
    {
        lock (_taking)
        {
            if (_idle.Count < s_idle)
            {
                _idle.Push(reading);
                return;
            }
        }

        reading.Dispose();
    }

    private sealed class Reading(SqliteConnection connection) : IDisposable
    {
        public RowReader Reader { get; } = new(connection);

        public void Dispose()
        {
            Reader.Dispose();
            connection.Dispose();
        }
    }
}
