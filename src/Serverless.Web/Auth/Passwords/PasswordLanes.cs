using System.Threading.RateLimiting;

namespace Serverless.Web.Auth.Passwords;

/// <summary>
/// Turns at checking passwords, which cost much by design. Whoever invents names shall not keep out those who have one, nor take the processor from those who have signed in:
/// <code>
///   Proven     -------------------------->  all processors but one
///   Known      -------------.
///   Stranger   ---> one ----'----------->  one check at a time, and a rest of three times its length after a stranger's
/// </code>
/// Of all strangers only one at a time stands in line with the known, so a known name waits for the check that runs, one stranger and the known before it. Each line is
/// bounded; whoever finds it full is turned away before anything is computed.
/// </summary>
internal sealed class PasswordLanes(TimeProvider timeProvider, int processors) : IDisposable
{
    /// <summary>How many strangers may wait.</summary>
    public const int MaxStrangers = 32;

    /// <summary>How many may wait in each of the other lines: a build that starts may sign in a hundred times at once.</summary>
    public const int MaxWaiting = 128;

    private const int RestFactor = 3;

    private readonly ConcurrencyLimiter _proven = Line(Math.Max(1, processors - 1), MaxWaiting);
    private readonly ConcurrencyLimiter _others = Line(1, MaxWaiting);
    private readonly ConcurrencyLimiter _strangers = Line(1, MaxStrangers);

    /// <summary>Whether so many strangers wait that another one would be turned away.</summary>
    public bool IsFlooded => _strangers.GetStatistics()!.CurrentQueuedCount >= MaxStrangers;

    /// <summary>Runs a check when it is its turn.</summary>
    /// <returns>What the check returns; null when too many wait already, and nothing was checked.</returns>
    public Task<bool?> TryRunAsync(PasswordStanding standing, Func<bool> check, CancellationToken cancellationToken) => standing switch
    {
        PasswordStanding.Proven => TryRunAsync(_proven, check, cancellationToken),
        PasswordStanding.Known => TryRunAsync(_others, check, cancellationToken),
        _ => TryRunStrangerAsync(check, cancellationToken),
    };

    public void Dispose()
    {
        _proven.Dispose();
        _others.Dispose();
        _strangers.Dispose();
    }

    private static async Task<bool?> TryRunAsync(ConcurrencyLimiter line, Func<bool> check, CancellationToken cancellationToken)
    {
        using var turn = await line.AcquireAsync(1, cancellationToken);
        // On a thread of its own: the pool has as many threads as there are processors, and two checks at once would leave none for those who send no password.
        return turn.IsAcquired ? await Task.Factory.StartNew(check, cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default) : null;
    }

    private async Task<bool?> TryRunStrangerAsync(Func<bool> check, CancellationToken cancellationToken)
    {
        var turn = await _strangers.AcquireAsync(1, cancellationToken);
        var rest = TimeSpan.Zero;
        try
        {
            return turn.IsAcquired ? await TryRunAsync(_others, Timed, cancellationToken) : null;
        }
        finally
        {
            // The answer does not wait for it.
            _ = EndAsync(turn, rest);
        }

        bool Timed()
        {
            var began = timeProvider.GetTimestamp();
            try
            {
                return check();
            }
            finally
            {
                rest = RestFactor * timeProvider.GetElapsedTime(began);
            }
        }
    }

    private async Task EndAsync(RateLimitLease turn, TimeSpan rest)
    {
        if (rest > TimeSpan.Zero) await Task.Delay(rest, timeProvider);
        turn.Dispose();
    }

    private static ConcurrencyLimiter Line(int turns, int waiting) => new(new() { PermitLimit = turns, QueueLimit = waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
}
