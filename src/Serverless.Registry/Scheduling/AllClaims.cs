using Serverless.Registry.Storage;

namespace Serverless.Registry.Scheduling;

/// <summary>
/// The claims of all timed tasks at once, or of some: while somebody holds them none of them runs anywhere. They are given back in the end as they were found, so that no task counts as done; if that
/// does not happen, they end by themselves.
/// </summary>
/// <param name="claims">The claims.</param>
/// <param name="limit">How long each claim lasts.</param>
/// <param name="time">Measures how long somebody waits.</param>
/// <param name="report">Told of each task that is waited for, and of each claim that could not be given back; may be null.</param>
internal sealed class AllClaims(TaskClaims claims, TimeSpan limit, TimeProvider time, Action<ClaimNote>? report) : IAsyncDisposable
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);

    // What all of them may still take to be given back when the call that was to hold them was stopped.
    private static readonly TimeSpan s_return = TimeSpan.FromSeconds(10);

    private readonly SortedDictionary<string, TaskClaim> _held = new(StringComparer.Ordinal);

    /// <summary>Whether those tasks are taken too that are not named and have a row.</summary>
    public bool Others { get; init; } = true;

    /// <summary>What tells that a claim is lost, or its time over; of each that is held.</summary>
    public IEnumerable<CancellationToken> Tokens => _held.Values.Select(c => c.Token);

    /// <summary>
    /// Takes them one after the other, in the order of the names: of two who want all of them the second waits for the first, and neither for the other. Each look at the tasks also
    /// shows whether what was taken is still held, and whether there is a task that only another release knows; so when nothing is left to take, all were held at that moment. What was taken
    /// before a wait is renewed, so that each has more than half of its time left in the end.
    /// </summary>
    /// <param name="tasks">The names of the tasks; those that have a row are added where <see cref="Others"/> says so.</param>
    /// <param name="wait">How long to wait for tasks that run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when all are held; else the task that runs, and until when it may.</returns>
    /// <exception cref="InvalidDataException">The row of a task makes no sense, so nobody can tell whether it runs.</exception>
    public async Task<ClaimNote.Waiting?> TakeAsync(IEnumerable<string> tasks, TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        ClaimNote.Waiting? told = null;
        while (true)
        {
            var board = await claims.LookAsync(cancellationToken);
            await KeepAsync(board, cancellationToken);
            var next = tasks.Union(Others ? board.Names : []).Order(StringComparer.Ordinal).FirstOrDefault(name => !(_held.TryGetValue(name, out var claim) && board.IsHeldBy(claim)));
            if (next is null) return null;
            if (board.IsDue(next, TimeSpan.Zero))
            {
                // Where somebody else is faster, the next look tells who.
                if (await board.TryClaimAsync(next, TimeSpan.Zero, limit, cancellationToken) is { } claim) Hold(claim);
                continue;
            }

            var running = new ClaimNote.Waiting(next, board.Find(next)!.Until);
            if (time.GetElapsedTime(started) >= wait) return running;
            if (running != told) report?.Invoke(told = running);
            await Task.Delay(s_pause, time, cancellationToken);
        }
    }

    /// <summary>Lets all that are held last for the whole time again.</summary>
    /// <exception cref="ClaimLostException">Another instance has taken one over.</exception>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        var board = await claims.LookAsync(cancellationToken);
        foreach (var claim in _held.Values) await claim.ExtendAsync(board, limit, cancellationToken);
    }

    /// <summary>Gives back those that are held.</summary>
    public async ValueTask DisposeAsync()
    {
        using var end = new CancellationTokenSource(s_return, time);
        foreach (var claim in _held.Values)
        {
            using (claim) await ReturnAsync(claim, end.Token);
        }
    }

    private async Task KeepAsync(TaskBoard board, CancellationToken cancellationToken)
    {
        foreach (var claim in _held.Values.Where(c => board.IsHeldBy(c) && c.Until - board.Now <= limit / 2).ToList())
        {
            try
            {
                await claim.ExtendAsync(board, limit, cancellationToken);
            }
            catch (ClaimLostException)
            {
                // Somebody took it since the look, and the next one shows who.
                _held.Remove(claim.Task);
                claim.Dispose();
            }
        }
    }

    private void Hold(TaskClaim claim)
    {
        // One that was lost meanwhile.
        if (_held.TryGetValue(claim.Task, out var lost)) lost.Dispose();
        _held[claim.Task] = claim;
    }

    private async Task ReturnAsync(TaskClaim claim, CancellationToken cancellationToken)
    {
        try
        {
            await claim.ReturnAsync(cancellationToken);
        }
        catch (ClaimLostException)
        {
            // Somebody else's by now.
        }
        catch (Exception e) when (e is StorageUnavailableException or OperationCanceledException)
        {
            report?.Invoke(new ClaimNote.NotReturned(claim.Task, claim.Until));
        }
    }
}
