using System.Collections.Concurrent;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>
/// Runs what actors do between their storage calls, on the one thread that explores. It holds nothing that could be disposed of: what goes on in the background
/// may post to a world that is over, and nobody cares.
/// </summary>
internal sealed class Pump : SynchronizationContext
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<(SendOrPostCallback Callback, object? State)> _work = new();
    private readonly object _gate = new();
    private bool _changed;

    public override void Post(SendOrPostCallback d, object? state)
    {
        _work.Enqueue((d, state));
        Signal();
    }

    /// <summary>Something happened on another thread: the sweep of links runs on the pool, and so do pauses.</summary>
    public void Signal()
    {
        lock (_gate)
        {
            _changed = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Works until everybody waits for storage.</summary>
    public void RunUntil(Func<bool> quiet)
    {
        while (true)
        {
            while (_work.TryDequeue(out var work)) work.Callback(work.State);
            if (quiet() && _work.IsEmpty) return;
            Wait();
        }
    }

    private void Wait()
    {
        lock (_gate)
        {
            while (!_changed)
            {
                if (!Monitor.Wait(_gate, s_patience)) throw new InvalidOperationException("An actor neither ends nor calls storage.");
            }

            _changed = false;
        }
    }
}
