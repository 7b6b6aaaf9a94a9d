using System.Collections.Concurrent;
using System.Globalization;

namespace Serverless.Registry.Storage.InMemory;

/// <summary>
/// The executable definition of <see cref="ITableStore"/>: rows in this process, gone with it. Good for tests and for throw-away registries.
/// </summary>
/// <param name="timeProvider">Gives rows their timestamps.</param>
public sealed class InMemoryTableStore(TimeProvider timeProvider) : ITableStore
{
    private readonly ConcurrentDictionary<string, ConcurrentDictionary<string, Partition>> _tables = new(StringComparer.Ordinal);
    private long _version;

    /// <summary>Rows in a page, at most. A test lowers it to see short pages.</summary>
    public int MaxPageSize { get; init; } = RowQuery.MaxPageSize;

    /// <inheritdoc/>
    public Task<TableRow?> FindAsync(string table, RowKey key, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableLimits.Check(key);
        return Task.FromResult(Partitions(table).TryGetValue(key.Partition, out var partition) ? partition.Find(key.Row) : null);
    }

    /// <inheritdoc/>
    public Task<RowPage> QueryAsync(string table, RowQuery query, string? continuation, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var partitions = Partitions(table);
        // The continuation is the next row's key, as it is in Azure: the page goes on there even when rows came or went meanwhile.
        var next = continuation?.Split('\n');
        var count = Math.Min(query.PageSize, MaxPageSize);
        List<TableRow> rows = [];
        IEnumerable<string> keys = query.Partition is null
            ? partitions.Keys.Where(query.Covers).Where(k => next is null || string.CompareOrdinal(k, next[0]) >= 0).Order(StringComparer.Ordinal)
            : [query.Partition];
        foreach (var key in keys)
        {
            if (!partitions.TryGetValue(key, out var partition)) continue;
            var from = next is not null && next[0] == key ? next[1] : query.From;
            partition.CopyRange(from, query.To, count + 1 - rows.Count, rows);
            if (rows.Count > count) break;
        }

        if (rows.Count <= count) return Task.FromResult(Page(rows, query, null));
        var after = rows[count].Key;
        rows.RemoveAt(count);
        return Task.FromResult(Page(rows, query, after.Partition + "\n" + after.Row));
    }

    /// <inheritdoc/>
    public Task<WriteResult> WriteAsync(string table, RowWrite write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableLimits.Check(write);
        var partition = Partitions(table).GetOrAdd(write.Key.Partition, static _ => new Partition());
        lock (partition)
        {
            var outcome = partition.Test(write);
            return Task.FromResult(new WriteResult(outcome, outcome == WriteOutcome.Done ? partition.Apply(write, NextETag(), timeProvider.GetUtcNow()) : null));
        }
    }

    /// <inheritdoc/>
    public Task<BatchResult> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        TableLimits.Check(batch);
        var partition = Partitions(table).GetOrAdd(batch[0].Key.Partition, static _ => new Partition());
        lock (partition)
        {
            for (var i = 0; i < batch.Count; i++)
            {
                var outcome = partition.Test(batch[i]);
                if (outcome != WriteOutcome.Done) return Task.FromResult(new BatchResult(outcome, i));
            }

            foreach (var write in batch) partition.Apply(write, NextETag(), timeProvider.GetUtcNow());
        }

        return Task.FromResult(new BatchResult(WriteOutcome.Done));
    }

    private ConcurrentDictionary<string, Partition> Partitions(string table) =>
        _tables.GetOrAdd(table, static _ => new(StringComparer.Ordinal));

    private string NextETag() => string.Create(CultureInfo.InvariantCulture, $"W/\"{Interlocked.Increment(ref _version)}\"");

    private RowPage Page(List<TableRow> rows, RowQuery query, string? next)
    {
        var now = timeProvider.GetUtcNow();
        // To the second, as HTTP has it.
        return new RowPage(Selected(rows, query), next, now.AddTicks(-(now.UtcTicks % TimeSpan.TicksPerSecond)));
    }

    private static IReadOnlyList<TableRow> Selected(List<TableRow> rows, RowQuery query) => query.Select is not { } select
        ? rows
        : [.. rows.Select(r => new TableRow(r.Key, r.Properties.Where(p => select.Contains(p.Key)).ToDictionary(), r.ETag, r.Timestamp))];

    /// <summary>The rows of one partition in order of their keys. Rows are immutable, so readers outside the lock see whole ones.</summary>
    private sealed class Partition
    {
        private readonly List<TableRow> _rows = [];

        public TableRow? Find(string row)
        {
            lock (this)
            {
                var index = Search(row);
                return index < 0 ? null : _rows[index];
            }
        }

        public void CopyRange(string from, string to, int count, List<TableRow> target)
        {
            lock (this)
            {
                var index = Search(from);
                for (var i = index < 0 ? ~index : index; i < _rows.Count && count-- > 0 && string.CompareOrdinal(_rows[i].Key.Row, to) < 0; i++)
                {
                    target.Add(_rows[i]);
                }
            }
        }

        public WriteOutcome Test(RowWrite write)
        {
            var index = Search(write.Key.Row);
            return write.Test(index < 0 ? null : _rows[index].ETag);
        }

        public string? Apply(RowWrite write, string etag, DateTimeOffset now)
        {
            var index = Search(write.Key.Row);
            if (write is RowWrite.Delete)
            {
                _rows.RemoveAt(index);
                return null;
            }

            var old = index < 0 ? null : _rows[index].Properties;
            var properties = write switch
            {
                RowWrite.Insert w => Copy(w.Properties),
                RowWrite.Upsert w => Copy(w.Properties),
                RowWrite.Replace w => Copy(w.Properties),
                RowWrite.UpsertMerge w => Merge(old, w.Properties),
                RowWrite.Merge w => Merge(old, w.Properties),
                _ => old!,
            };
            var row = new TableRow(write.Key, properties, etag, now);
            if (index < 0) _rows.Insert(~index, row);
            else _rows[index] = row;
            return etag;
        }

        private int Search(string row)
        {
            var (low, high) = (0, _rows.Count - 1);
            while (low <= high)
            {
                var middle = (low + high) >>> 1;
                var order = string.CompareOrdinal(_rows[middle].Key.Row, row);
                if (order == 0) return middle;
                if (order < 0) low = middle + 1;
                else high = middle - 1;
            }

            return ~low;
        }

        private static Dictionary<string, object> Copy(IReadOnlyDictionary<string, object> properties) => new(properties, StringComparer.Ordinal);

        private static Dictionary<string, object> Merge(IReadOnlyDictionary<string, object>? old, IReadOnlyDictionary<string, object> added)
        {
            var merged = Copy(old ?? new Dictionary<string, object>());
            foreach (var (name, value) in added) merged[name] = value;
            return merged;
        }
    }
}
