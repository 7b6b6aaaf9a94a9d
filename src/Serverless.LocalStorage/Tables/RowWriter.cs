using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Serverless.Registry.Storage;

namespace Serverless.LocalStorage.Tables;

/// <summary>
/// The one writer of a process. What many want to write at the same time is one transaction, and one wait for the disk, in which each batch is applied or refused by itself. Nobody is
/// answered before the transaction is on the disk.
/// </summary>
internal sealed class RowWriter(Database database, TimeProvider time) : IDisposable
{
    // Of a transaction, so that readers and writers of other processes get their turn, and a log that is written anew stays small.
    private const int MaxRows = 500;

    private readonly Channel<Job> _jobs = Channel.CreateUnbounded<Job>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _starting = new();
    private readonly DiskThreads _thread = new(1);
    private Task? _loop;

    /// <summary>Writes a batch.</summary>
    /// <exception cref="StorageUnavailableException">The database cannot be written to, or another process keeps it locked.</exception>
    public Task<(BatchResult Result, string? ETag)> WriteAsync(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
    {
        var job = new Job(table, batch, cancellationToken);
        ObjectDisposedException.ThrowIf(!_jobs.Writer.TryWrite(job), this);
        lock (_starting) _loop ??= _thread.RunAsync(RunAsync);
        return job.Task;
    }

    public void Dispose()
    {
        _jobs.Writer.TryComplete();
        lock (_starting) _loop?.GetAwaiter().GetResult();
    }

    private async Task<bool> RunAsync()
    {
        Writing? writing = null;
        try
        {
            while (await _jobs.Reader.WaitToReadAsync())
            {
                var jobs = Take();
                // A row that cannot be read is a matter of those alone who want to change it.
                if (jobs.Count > 0 && !Run(jobs, ref writing))
                {
                    foreach (var job in jobs) Run([job], ref writing);
                }
            }
        }
        finally
        {
            writing?.Dispose();
        }

        return true;
    }

    /// <returns>Whether they are answered; not where one of several may be the cause of a failure.</returns>
    private bool Run(List<Job> jobs, ref Writing? writing)
    {
        try
        {
            writing ??= new Writing(database.Connect());
            var answers = writing.Run(jobs, time);
            for (var i = 0; i < jobs.Count; i++) jobs[i].SetResult(answers[i]);
            return true;
        }
        catch (Exception e)
        {
            // Nothing of it was written. The connection may be the cause.
            writing?.Dispose();
            writing = null;
            var isStorage = LocalFailure.IsFailure(e);
            if (!isStorage && jobs.Count > 1) return false;
            foreach (var job in jobs) job.SetException(isStorage ? LocalFailure.Translate(e) : e);
            return true;
        }
    }

    private List<Job> Take()
    {
        List<Job> jobs = [];
        for (var rows = 0; rows < MaxRows && _jobs.Reader.TryRead(out var job);)
        {
            if (job.IsCancelled) continue;
            jobs.Add(job);
            rows += job.Batch.Count;
        }

        return jobs;
    }

    /// <summary>A batch that waits for its turn.</summary>
    private sealed class Job(string table, IReadOnlyList<RowWrite> batch, CancellationToken cancellationToken)
        : TaskCompletionSource<(BatchResult Result, string? ETag)>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string Table => table;

        public IReadOnlyList<RowWrite> Batch => batch;

        /// <summary>Whether nobody waits any more. Its task has ended then.</summary>
        public bool IsCancelled => cancellationToken.IsCancellationRequested && TrySetCanceled(cancellationToken);
    }

    /// <summary>The connection, and what is compiled for it.</summary>
    private sealed class Writing(SqliteConnection connection) : IDisposable
    {
        private readonly Statement _begin = new(connection, "BEGIN IMMEDIATE");
        private readonly Statement _commit = new(connection, "COMMIT");
        private readonly RowChanges _changes = new(connection);

        public List<(BatchResult Result, string? ETag)> Run(List<Job> jobs, TimeProvider time)
        {
            _begin.Run();
            // The order of times is that of the writes, in all processes: nobody else writes now.
            var now = time.GetUtcNow();
            List<(BatchResult, string?)> answers = [.. jobs.Select(job => _changes.Apply(job.Table, job.Batch, now))];
            _commit.Run();
            return answers;
        }

        // A transaction that was not committed ends with its connection, and leaves nothing.
        public void Dispose()
        {
            _begin.Dispose();
            _commit.Dispose();
            _changes.Dispose();
            connection.Dispose();
        }
    }
}
