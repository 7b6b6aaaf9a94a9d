using System.Collections.Concurrent;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Runs what actors do between their storage calls, on the one thread that explores.</summary>
internal sealed class Pump : SynchronizationContext, IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _work = new();
    private readonly AutoResetEvent _changed = new(false);

    public override void Post(SendOrPostCallback d, object? state)
    {
        _work.Enqueue((d, state));
        _changed.Set();
    }

    /// <summary>Something happened on another thread: the sweep of links runs on the pool, and so do pauses.</summary>
    public void Signal() => _changed.Set();

    /// <summary>Works until everybody waits for storage.</summary>
    public void RunUntil(Func<bool> quiet)
    {
        while (true)
        {
            while (_work.TryDequeue(out var work)) work.Callback(work.State);
            if (quiet() && _work.IsEmpty) return;
            if (!_changed.WaitOne(s_patience)) throw new InvalidOperationException("An actor neither ends nor calls storage.");
        }
    }

    public void Dispose() => _changed.Dispose();
}
