using Serverless.Registry.Storage;

namespace Serverless.Registry.Scheduling;

/// <summary>
/// Keeps some tasks from running while somebody works: it holds their claims, each for two minutes, and renews them every half. Whoever dies keeps them for as long at most, and whoever could not renew
/// them is told by <see cref="Token"/> before another run may begin.
/// </summary>
internal sealed class HeldTasks : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan s_renewal = TimeSpan.FromSeconds(30);

    private readonly AllClaims _claims;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _end;
    private Task _renewing = Task.CompletedTask;
    private CancellationTokenSource? _held;

    /// <param name="tables">Where the tasks are.</param>
    /// <param name="time">The clock.</param>
    /// <param name="report">Told of each task that is waited for, and of each claim that could not be given back; may be null.</param>
    /// <param name="cancellationToken">Ends the wait, and what is done afterwards.</param>
    public HeldTasks(ITableStore tables, TimeProvider time, Action<ClaimNote>? report, CancellationToken cancellationToken)
    {
        _claims = new AllClaims(new TaskClaims(tables, time), s_limit, time, report) { Others = false };
        _time = time;
        _end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    }

    /// <summary>Cancelled when somebody else may do one of the tasks.</summary>
    public CancellationToken Token => _held?.Token ?? _end.Token;

    /// <summary>Takes the claims of tasks.</summary>
    /// <param name="tasks">Their names.</param>
    /// <param name="wait">How long to wait for those that run.</param>
    /// <returns>Null when all are held; else the task that runs, and until when it may.</returns>
    public async Task<ClaimNote.Waiting?> TakeAsync(IReadOnlyCollection<string> tasks, TimeSpan wait)
    {
        if (await _claims.TakeAsync(tasks, wait, _end.Token) is { } running) return running;
        _held = CancellationTokenSource.CreateLinkedTokenSource([_end.Token, .. _claims.Tokens]);
        _renewing = RenewAsync();
        return null;
    }

    /// <summary>Gives the claims back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _renewing;
        await _claims.DisposeAsync();
        _held?.Dispose();
        _end.Dispose();
    }

    private async Task RenewAsync()
    {
        using var timer = new PeriodicTimer(s_renewal, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(Token)) await TryRenewAsync();
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
        catch (ClaimLostException)
        {
            // The claim's own token has told.
        }
    }

    private async Task TryRenewAsync()
    {
        try
        {
            await _claims.RenewAsync(Token);
        }
        catch (StorageUnavailableException)
        {
            // The next turn comes before the claims end.
        }
    }
}
