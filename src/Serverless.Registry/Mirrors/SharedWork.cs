using System.Collections.Concurrent;

namespace Serverless.Registry.Mirrors;

/// <summary>Does a thing once for all who ask for it while it is being done.</summary>
internal sealed class SharedWork<TKey, TResult>
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, Lazy<Task<TResult>>> _running = new();

    /// <param name="key">The thing.</param>
    /// <param name="work">Does it. It goes on when somebody who waits for it leaves.</param>
    /// <param name="cancellationToken">Ends the wait, and nothing else.</param>
    public Task<TResult> RunAsync(TKey key, Func<Task<TResult>> work, CancellationToken cancellationToken)
    {
        var mine = new Lazy<Task<TResult>>(() => Task.Run(work, CancellationToken.None));
        var running = _running.GetOrAdd(key, mine);
        if (running == mine) _ = running.Value.ContinueWith(_ => _running.TryRemove(new(key, mine)), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        return running.Value.WaitAsync(cancellationToken);
    }
}
