using Serverless.Registry.Storage;

namespace Serverless.Registry.Scheduling;

/// <summary>
/// A task that this run has claimed. The run goes on for as long as <see cref="Token"/> lets it, and ends with <see cref="FinishAsync"/> or
/// <see cref="CutOffAsync"/>, or where nothing was done with <see cref="ReturnAsync"/>; if it does none of these, the task is free when its time limit has passed. One call
/// at a time.
/// </summary>
/// <remarks>
/// Once another instance has taken the task over, every write throws <see cref="ClaimLostException"/> and changes nothing, and the token is cancelled. A write
/// that throws <see cref="StorageUnavailableException"/> may be tried again.
/// </remarks>
public sealed class TaskClaim : IDisposable
{
    private readonly ITableStore _tables;
    private readonly CancellationTokenSource _end;
    private readonly TaskState? _before;
    private TaskRow _row;
    private string _etag;
    private bool _lost;
    private bool _isOver;

    internal TaskClaim(ITableStore tables, string task, TaskState? before, TaskRow row, string etag, CancellationTokenSource end) =>
        (_tables, Task, _before, _row, _etag, _end) = (tables, task, before, row, etag, end);

    /// <summary>The name of the task.</summary>
    public string Task { get; }

    /// <summary>Where to go on: what the last run left, then what was saved by this one. Null at the beginning.</summary>
    public string? Cursor => _row.State.Cursor;

    /// <summary>Cancelled when the claim is lost, and when the time limit has passed, by which time another instance may claim the task.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>When its time is over, UTC, by the clock of storage.</summary>
    internal DateTimeOffset Until => _row.State.Until;

    /// <summary>The random id of this run.</summary>
    internal string Holder => _row.Holder;

    /// <summary>Saves where another run would have to go on if this one died. One write to storage. It does not give the run more time.</summary>
    /// <param name="cursor">A text of the task's own, up to some kilobytes; null for the beginning.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClaimLostException">Another instance has taken the task over.</exception>
    public Task SaveCursorAsync(string? cursor, CancellationToken cancellationToken) => WriteAsync(_row.State with { Cursor = cursor }, cancellationToken);

    /// <summary>Gives the run more time. One write to storage.</summary>
    /// <param name="board">A look at the tasks, for the clock of storage.</param>
    /// <param name="limit">How long the run may still take, from the look on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClaimLostException">Another instance has taken the task over.</exception>
    internal async Task ExtendAsync(TaskBoard board, TimeSpan limit, CancellationToken cancellationToken)
    {
        var until = board.Now + limit;
        await WriteAsync(_row.State with { Until = until }, cancellationToken);
        // What the write took is not given once more.
        var left = until - board.Now;
        _end.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
    }

    /// <summary>The task is done, and due again when its interval has passed; the next run begins at the beginning. One write to storage.</summary>
    /// <exception cref="ClaimLostException">Another instance has taken the task over.</exception>
    public Task FinishAsync(CancellationToken cancellationToken) =>
        WriteAsync(_row.State with { Phase = TaskPhase.Finished, Finished = null, Cursor = null }, cancellationToken);

    /// <summary>The run stops before the task is done. One write to storage.</summary>
    /// <param name="cursor">Where the next run, which is due at once, is to go on. Null: it begins at the beginning, when its interval has passed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClaimLostException">Another instance has taken the task over.</exception>
    public Task CutOffAsync(string? cursor, CancellationToken cancellationToken) =>
        WriteAsync(_row.State with { Phase = TaskPhase.CutOff, Cursor = cursor }, cancellationToken);

    /// <summary>
    /// Nothing was done of the task, and it stands again as it did before it was claimed: due when it would have been, from where it would have gone on. One write to storage.
    /// </summary>
    /// <exception cref="ClaimLostException">Another instance has taken the task over.</exception>
    public Task ReturnAsync(CancellationToken cancellationToken) => _before is null ? DeleteAsync(cancellationToken) : WriteAsync(_before, cancellationToken, isOver: true);

    /// <summary>Lets go of the timer behind <see cref="Token"/>. It does not free the task.</summary>
    public void Dispose() => _end.Dispose();

    private async Task WriteAsync(TaskState state, CancellationToken cancellationToken, bool isOver = false)
    {
        DemandHeld();
        // Each try has a number of its own: one that seemed to fail may have been applied.
        var row = _row = _row with { Step = _row.Step + 1 };
        row = row with { State = state };
        var key = TableKeys.TimedTask(Task);
        await StorageRetry.RunAsync(async () =>
        {
            var result = await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Replace(key, row.ToProperties(), _etag), cancellationToken);
            if (result.Done)
            {
                _etag = result.ETag!;
                return (true, true);
            }

            // Ours: this write or an earlier one, whose answer was lost.
            var now = await FindOwnAsync(cancellationToken) ?? throw await LoseAsync();
            return (now.Step == row.Step, true);
        }, cancellationToken);
        (_row, _isOver) = (row, isOver || state.Phase != TaskPhase.Running);
    }

    // The task had no row, and has none again.
    private async Task DeleteAsync(CancellationToken cancellationToken)
    {
        DemandHeld();
        var key = TableKeys.TimedTask(Task);
        await StorageRetry.RunAsync(async () =>
        {
            var result = await _tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(key, _etag), cancellationToken);
            // Gone already: an earlier try has deleted it, and its answer was lost.
            if (result.Outcome is WriteOutcome.Done or WriteOutcome.NotFound) return (true, true);
            return await FindOwnAsync(cancellationToken) is null ? throw await LoseAsync() : default;
        }, cancellationToken);
        _isOver = true;
    }

    private void DemandHeld()
    {
        if (_lost) throw new ClaimLostException(Task);
        if (_isOver) throw new InvalidOperationException($"The run of the task {Task} has ended already.");
    }

    /// <returns>The row, whose version is known from now on; null when it is not this run's any more.</returns>
    private async Task<TaskRow?> FindOwnAsync(CancellationToken cancellationToken)
    {
        if (await _tables.FindAsync(TableKeys.SystemTable, TableKeys.TimedTask(Task), cancellationToken) is not { } there) return null;
        var now = TaskRow.Read(there);
        if (now.Holder != Holder) return null;
        _etag = there.ETag;
        return now;
    }

    private async Task<ClaimLostException> LoseAsync()
    {
        _lost = true;
        await _end.CancelAsync();
        return new ClaimLostException(Task);
    }
}
