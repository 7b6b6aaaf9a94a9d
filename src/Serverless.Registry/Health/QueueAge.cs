using Serverless.Registry.Storage;

namespace Serverless.Registry.Health;

/// <summary>
/// How overdue a queue is. Rows are in order of their keys, not of their times, so all must be seen; each look reads one page and goes on
/// where the last one stopped. A queue of up to a page, which is most of them, is seen whole each time.
/// </summary>
/// <param name="tables">Where the queue is.</param>
/// <param name="queue">Its rows.</param>
/// <param name="due">When a row should have been looked at; null: it asks for nothing.</param>
internal sealed class QueueAge(ITableStore tables, RowQuery queue, Func<TableRow, DateTimeOffset?> due)
{
    private string? _continuation;
    private TimeSpan _whole;
    private TimeSpan _begun;

    /// <summary>For how long the row that has waited longest should have been looked at by now: among the rows of this pass through the queue and of the one before.</summary>
    public async Task<TimeSpan> ReadAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        var page = await tables.QueryAsync(
            TableKeys.SystemTable, queue, _continuation, cancellationToken);
        var oldest = page.Rows.Aggregate(TimeSpan.Zero, (most, row) => due(row) is { } time ? Longer(most, now - time) : most);
        _begun = Longer(_continuation is null ? TimeSpan.Zero : _begun, oldest);
        _continuation = page.Continuation;
        if (_continuation is null) _whole = _begun;
        return Longer(_whole, _begun);
    }

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
