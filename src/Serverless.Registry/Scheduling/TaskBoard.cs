using System.Security.Cryptography;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Scheduling;

/// <summary>The tasks as they stood at one look. It may be used for as long as is wanted: a claim of what was claimed since then fails by its ETag.</summary>
public sealed class TaskBoard
{
    private readonly ITableStore _tables;
    private readonly TimeProvider _timeProvider;
    private readonly IReadOnlyDictionary<string, TableRow> _rows;
    private readonly DateTimeOffset _time;
    private readonly long _looked;

    internal TaskBoard(ITableStore tables, TimeProvider timeProvider, IReadOnlyDictionary<string, TableRow> rows, DateTimeOffset time, long looked) =>
        (_tables, _timeProvider, _rows, _time, _looked) = (tables, timeProvider, rows, time, looked);

    /// <summary>What time it is by the clock of storage, UTC: its time at the look, and what has passed since.</summary>
    public DateTimeOffset Now => _time + _timeProvider.GetElapsedTime(_looked);

    /// <summary>The tasks that have a row.</summary>
    internal IEnumerable<string> Names => _rows.Keys;

    /// <summary>How a task stood; null when it was never begun.</summary>
    /// <exception cref="InvalidDataException">Its row makes no sense; other tasks are not troubled by it.</exception>
    public TaskState? Find(string task) => _rows.TryGetValue(task, out var row) ? Read(row).State : null;

    /// <summary>Whether a task is due: its last run ended an interval ago, or was cut off with a cursor, or has run out of its time. Costs nothing.</summary>
    /// <param name="task">The name of the task.</param>
    /// <param name="interval">The time from the end of a run to the next one. Zero: at every look.</param>
    /// <exception cref="InvalidDataException">Its row makes no sense.</exception>
    public bool IsDue(string task, TimeSpan interval) => Find(task)?.IsDue(interval, Now) ?? true;

    /// <summary>Claims a task if it is due: one write to storage, and a read where another instance was faster. What is not due costs nothing.</summary>
    /// <param name="task">The name of the task.</param>
    /// <param name="interval">The time from the end of a run to the next one. Zero: at every look.</param>
    /// <param name="limit">How long the run may take. After that the claim's token is cancelled, and another instance may claim the task.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The claim; null when the task is not due, or was not there to be claimed any more.</returns>
    /// <exception cref="InvalidDataException">Its row makes no sense.</exception>
    public async Task<TaskClaim?> TryClaimAsync(string task, TimeSpan interval, TimeSpan limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero);
        var read = _rows.TryGetValue(task, out var found) ? Read(found) : null;
        var (last, now) = (read?.State, Now);
        if (last?.IsDue(interval, now) == false) return null;
        var state = new TaskState(TaskPhase.Running, now, now + limit, last?.Cursor) { Finished = last?.Finished };
        var row = new TaskRow(RandomNumberGenerator.GetHexString(32, lowercase: true), 1, state) { Others = read?.Others ?? TaskRow.None };
        // Its time begins before the write, so that it ends here no later than for the others.
        var end = new CancellationTokenSource(limit, _timeProvider);
        TaskClaim? claim = null;
        try
        {
            return claim = await WriteAsync(task, row, cancellationToken) is { } etag ? new TaskClaim(_tables, task, last, row, etag, end) : null;
        }
        finally
        {
            if (claim is null) end.Dispose();
        }
    }

    /// <summary>Whether a claim still held its task at the look.</summary>
    /// <exception cref="InvalidDataException">The row of the task makes no sense.</exception>
    internal bool IsHeldBy(TaskClaim claim) => _rows.TryGetValue(claim.Task, out var row) && Read(row) is var now && now.Holder == claim.Holder && now.State.Until > Now;

    /// <returns>The row's ETag; null when another instance was faster.</returns>
    private async Task<string?> WriteAsync(string task, TaskRow row, CancellationToken cancellationToken)
    {
        var key = TableKeys.TimedTask(task);
        RowWrite write = _rows.TryGetValue(task, out var read) ? new RowWrite.Replace(key, row.ToProperties(), read.ETag) : new RowWrite.Insert(key, row.ToProperties());
        var result = await _tables.WriteAsync(TableKeys.SystemTable, write, cancellationToken);
        if (result.Done) return result.ETag;
        // It may be our own, if the answer to a first try was lost.
        return await _tables.FindAsync(TableKeys.SystemTable, key, cancellationToken) is { } there && Read(there).Holder == row.Holder ? there.ETag : null;
    }

    private static TaskRow Read(TableRow row)
    {
        try
        {
            return TaskRow.Read(row);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException)
        {
            throw new InvalidDataException($"The row of the task {row.Key.Row} in the system table cannot be read. Delete it, and the task begins anew.", e);
        }
    }
}
