namespace Serverless.LocalStorage;

/// <summary>
/// Threads for calls that wait for the disk. The thread pool has as many threads as there are processors and adds others slowly: a few that sync files would keep every request waiting,
/// those that read what is in memory too. What a call awaits goes on here as well.
/// </summary>
/// <param name="most">How many calls wait for the disk at a time.</param>
internal sealed class DiskThreads(int most) : TaskScheduler
{
    private static readonly TimeSpan s_idle = TimeSpan.FromSeconds(20);

    private readonly Queue<Task> _queue = new();
    private int _threads;
    private int _idle;

    /// <summary>Threads for files. Journals write for all who sync at once, so more of them are no more work for the disk.</summary>
    public static DiskThreads Files { get; } = new(32);

    /// <inheritdoc/>
    public override int MaximumConcurrencyLevel => most;

    /// <summary>Makes a call here.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this).Unwrap();

    /// <summary>Makes a call here.</summary>
    public Task RunAsync(Action call) => Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);

    /// <inheritdoc/>
    protected override void QueueTask(Task task)
    {
        lock (_queue)
        {
            _queue.Enqueue(task);
            if (_queue.Count <= _idle)
            {
                Monitor.Pulse(_queue);
                return;
            }

            if (_threads == most) return;
            _threads++;
        }

        new Thread(Work) { IsBackground = true, Name = "disk" }.Start();
    }

    /// <inheritdoc/>
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => Current == this && !taskWasPreviouslyQueued && TryExecuteTask(task);

    /// <inheritdoc/>
    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_queue) return [.. _queue];
    }

    private void Work()
    {
        while (TakeNext() is { } task) TryExecuteTask(task);
    }

    /// <returns>The next call; null when nobody has made one for a while, and the thread ends.</returns>
    private Task? TakeNext()
    {
        lock (_queue)
        {
            while (true)
            {
                if (_queue.TryDequeue(out var task)) return task;
                _idle++;
                var came = Monitor.Wait(_queue, s_idle);
                _idle--;
                if (came || _queue.Count > 0) continue;
                _threads--;
                return null;
            }
        }
    }
}
