using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// The few rows that hold for all instances of a registry: its switches, its identity, its format. They are read together, in one call, at most once in five seconds by
/// whoever writes; and the answer tells what time it is at storage.
/// </summary>
internal sealed class SharedRows(ITableStore tables, TimeProvider timeProvider)
{
    private static readonly TimeSpan s_memory = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private Seen? _seen;
    private DateTimeOffset _latest;

    /// <summary>The rows as they are, or were five seconds ago.</summary>
    public async ValueTask<Seen> GetAsync(CancellationToken cancellationToken) => _seen is { } seen && IsFresh(seen) ? seen : await ReadAsync(cancellationToken);

    /// <summary>The rows as they are.</summary>
    public async Task<Seen> ReadAsync(CancellationToken cancellationToken)
    {
        var (wall, elapsed) = (timeProvider.GetUtcNow(), timeProvider.GetTimestamp());
        var (rows, time) = await tables.ReadAllAsync(TableKeys.SystemTable, TableKeys.SharedRows, cancellationToken);
        return _seen = new Seen(rows.ToDictionary(r => r.Key), time, wall, elapsed);
    }

    /// <summary>Whoever changed one of the rows wants to see it.</summary>
    public void Forget() => _seen = null;

    /// <summary>
    /// What time it is at storage, to the second: the time that an answer of the last five seconds has told, and what has passed since. It never goes back in one process,
    /// though storage's many servers may differ by moments.
    /// </summary>
    public async ValueTask<DateTimeOffset> NowAsync(CancellationToken cancellationToken)
    {
        var seen = await GetAsync(cancellationToken);
        var now = seen.Time + timeProvider.GetElapsedTime(seen.Elapsed);
        lock (_lock) return _latest = now > _latest ? now : _latest;
    }

    // A process that was held still, as those of serverless platforms are, may have missed hours without its timer noticing; then its clock has leapt.
    private bool IsFresh(Seen seen) =>
        timeProvider.GetElapsedTime(seen.Elapsed) < s_memory && (timeProvider.GetUtcNow() - seen.Wall).Duration() < s_memory * 2;

    /// <summary>The rows as they were read.</summary>
    /// <param name="Rows">By their keys.</param>
    /// <param name="Time">The time of storage.</param>
    /// <param name="Wall">When they were read, by the clock of this machine.</param>
    /// <param name="Elapsed">When they were read, by its timer.</param>
    internal sealed record Seen(IReadOnlyDictionary<RowKey, TableRow> Rows, DateTimeOffset Time, DateTimeOffset Wall, long Elapsed)
    {
        public TableRow? Find(RowKey key) => Rows.GetValueOrDefault(key);
    }
}
