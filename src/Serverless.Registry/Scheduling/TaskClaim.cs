using Serverless.Registry.Storage;

namespace Serverless.Registry.Scheduling;

/// <summary>
/// A task that this run has claimed. The run goes on for as long as <see cref="Token"/> lets it, and ends with <see cref="FinishAsync"/> or
/// <see cref="CutOffAsync"/>; if it does neither, the task is free when its time limit has passed. One call at a time.
/// </summary>
/// <remarks>
/// Once another instance has taken the task over, every write throws <see cref="ClaimLostException"/> and changes nothing, and the token is cancelled. A write
/// that throws <see cref="StorageUnavailableException"/> may be tried again.
/// </remarks>
public sealed class TaskClaim : IDisposable
{
    private readonly ITableStore _tables;
    private readonly CancellationTokenSource _end;
    private TaskRow _row;
    private string _etag;
    private bool _lost;

    internal TaskClaim(ITableStore tables, string task, TaskRow row, string etag, CancellationTokenSource end) =>
        (_tables, Task, _row, _etag, _end) = (tables, task, row, etag, end);

    /// <summary>The name of the task.</summary>
    public string Task { get; }

    /// <summary>Where to go on: what the last run left, then what was saved by this one. Null at the beginning.</summary>
    public string? Cursor => _row.State.Cursor;

    /// <summary>Cancelled when the claim is lost, and when the time limit has passed, by which time another instance may claim the task.</summary>
    public CancellationToken Token => _end.Token;

    /// <summary>Saves where another run would have to go on if this one died. One write to storage. It does not give the run more time.</summary>
    /// <param name="cursor">A text of the task's own, up to some kilobytes; null for the beginning.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ClaimLostException">Another instance has taken the task over.</exception>
    public Task SaveCursorAsync(string? cursor, CancellationToken cancellationToken) => WriteAsync(_row.State with { Cursor = cursor }, cancellationToken);

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

    /// <summary>Lets go of the timer behind <see cref="Token"/>. It does not free the task.</summary>
    public void Dispose() => _end.Dispose();

    private async Task WriteAsync(TaskState state, CancellationToken cancellationToken)
    {
        if (_lost) throw new ClaimLostException(Task);
        if (_row.State.Phase != TaskPhase.Running) throw new InvalidOperationException($"The run of the task {Task} has ended already.");
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

            var there = await _tables.FindAsync(TableKeys.SystemTable, key, cancellationToken);
            if (there is null || TaskRow.Read(there) is not { } now || now.Holder != row.Holder) throw await LoseAsync();
            // Ours: this write or an earlier one, whose answer was lost.
            _etag = there.ETag;
            return (now.Step == row.Step, true);
        }, cancellationToken);
        _row = row;
    }

    private async Task<ClaimLostException> LoseAsync()
    {
        _lost = true;
        await _end.CancelAsync();
        return new ClaimLostException(Task);
    }
}
