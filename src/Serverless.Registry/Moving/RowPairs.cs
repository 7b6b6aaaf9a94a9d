using System.Runtime.CompilerServices;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>What source and target have under one key; at least one of them has something.</summary>
internal readonly record struct RowPair(TableRow? Source, TableRow? Target)
{
    public RowKey Key => (Source ?? Target)!.Key;
}

/// <summary>Reads a table of two stores side by side, page by page, in the order of keys.</summary>
internal static class RowPairs
{
    /// <summary>The pairs. Rows that do not belong to a move are left out: of the source those that are not moved, of the target those that are its own.</summary>
    /// <param name="run">The move.</param>
    /// <param name="table">The table.</param>
    /// <param name="keysOnly">Whether properties are not wanted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A store does not keep the order: then nobody can tell what the other one lacks.</exception>
    public static async IAsyncEnumerable<RowPair> ReadAsync(MoveRun run, string table, bool keysOnly, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = RowQuery.All with { Select = keysOnly ? [] : null };
        await using var sources = new Rows(run.Source.Tables, table, query, key => MovedRows.IsMoved(table, key), cancellationToken);
        await using var targets = new Rows(run.Target.Tables, table, query, key => !MovedRows.IsKept(table, key), cancellationToken);
        var (source, target) = (await sources.NextAsync(), await targets.NextAsync());
        while (source is not null || target is not null)
        {
            var order = source is null ? 1 : target is null ? -1 : Compare(source.Key, target.Key);
            yield return new RowPair(order <= 0 ? source : null, order >= 0 ? target : null);
            if (order <= 0) source = await sources.NextAsync();
            if (order >= 0) target = await targets.NextAsync();
        }
    }

    private static int Compare(RowKey one, RowKey other) =>
        string.CompareOrdinal(one.Partition, other.Partition) is not 0 and var order ? order : string.CompareOrdinal(one.Row, other.Row);

    private sealed class Rows(ITableStore store, string table, RowQuery query, Func<RowKey, bool> isWanted, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<TableRow> _rows = store.ListAsync(table, query, cancellationToken).GetAsyncEnumerator(cancellationToken);
        private RowKey? _last;

        public async ValueTask<TableRow?> NextAsync()
        {
            while (await _rows.MoveNextAsync())
            {
                var key = _rows.Current.Key;
                if (_last is { } last && Compare(last, key) >= 0) throw new InvalidDataException($"The table {table} is not read in order: {last.Partition}|{last.Row} comes before {key.Partition}|{key.Row}.");
                _last = key;
                if (isWanted(key)) return _rows.Current;
            }

            return null;
        }

        public ValueTask DisposeAsync() => _rows.DisposeAsync();
    }
}
