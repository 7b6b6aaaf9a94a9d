namespace Serverless.Registry.Copying;

/// <summary>How often somebody is asked again who breaks off or is busy, and how long he is waited for.</summary>
/// <param name="Attempts">How often the same is tried, at least once.</param>
/// <param name="LongestWait">The longest wait between two attempts. Who wants to be left alone for longer is not asked again: that he is busy is the outcome.</param>
public sealed record CopyPatience(int Attempts, TimeSpan LongestWait)
{
    /// <summary>The first answer counts, for those who have somebody waiting for them.</summary>
    public static CopyPatience None { get; } = new(1, TimeSpan.Zero);

    /// <summary>Four attempts, and up to five minutes between two of them, for what nobody waits for.</summary>
    public static CopyPatience Default { get; } = new(4, TimeSpan.FromMinutes(5));

    /// <summary>Does something, and again while it fails in a way that may pass.</summary>
    /// <param name="act">What is done.</param>
    /// <param name="time">The clock of the waits.</param>
    /// <param name="cancellationToken">Ends the waits.</param>
    /// <exception cref="ImageSourceException">It has failed for good, or too often.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> act, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await act();
            }
            catch (ImageSourceException e) when (MayTryAgain(e, attempt))
            {
                await WaitAsync(e, attempt, time, cancellationToken);
            }
        }
    }

    /// <summary>Whether there is another attempt after a failure.</summary>
    /// <param name="failure">The failure.</param>
    /// <param name="attempt">How many attempts there were.</param>
    public bool MayTryAgain(ImageSourceException failure, int attempt) => failure.IsTransient && attempt < Attempts && !(failure.RetryAfter > LongestWait);

    /// <summary>Waits before the next attempt, as long as the other side wants or, where it does not say, 2, 4, 8, ... seconds.</summary>
    public Task WaitAsync(ImageSourceException failure, int attempt, TimeProvider time, CancellationToken cancellationToken)
    {
        var wait = failure.RetryAfter ?? TimeSpan.FromSeconds(1L << Math.Min(attempt, 20));
        return Task.Delay(wait < LongestWait ? wait : LongestWait, time, cancellationToken);
    }
}
