using System.Collections.Concurrent;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Grpc;

namespace Serverless.FunctionsHost.Workers;

/// <summary>Keeps one worker running: one that ends is replaced, until that has been too often.</summary>
internal sealed partial class WorkerSupervisor : IAsyncDisposable
{
    private const int ErrorThreshold = 3;

    private static readonly TimeSpan s_errorInterval = TimeSpan.FromMinutes(30);

    private readonly PublishedFolder _app;
    private readonly FunctionsHostOptions _options;
    private readonly WorkerEndpoint _endpoint;
    private readonly TimeProvider _timeProvider;
    private readonly ILogger _logger;
    private readonly List<DateTimeOffset> _errors = [];
    private volatile bool _stopping;
    private volatile bool _gaveUp;
    private volatile Task<Worker> _current;
    private volatile Worker _last;
    private Task _watch = Task.CompletedTask;

    private WorkerSupervisor(PublishedFolder app, FunctionsHostOptions options, WorkerEndpoint endpoint, Worker first, TimeProvider timeProvider, ILogger logger)
    {
        (_app, _options, _endpoint, _timeProvider, _logger) = (app, options, endpoint, timeProvider, logger);
        (_last, _current) = (first, Task.FromResult(first));
    }

    /// <summary>The worker that was ready last.</summary>
    public Worker Last => _last;

    /// <summary>Whether workers have ended too often; the host stops then.</summary>
    public bool HasGivenUp => _gaveUp;

    /// <exception cref="HostRefusesException">The worker cannot be started, or ends before it is ready.</exception>
    /// <exception cref="TimeoutException">It is not ready in time.</exception>
    public static async Task<WorkerSupervisor> StartAsync(PublishedFolder app, FunctionsHostOptions options, TimeProvider timeProvider, ILogger logger)
    {
        var endpoint = await WorkerEndpoint.StartAsync();
        try
        {
            var supervisor = new WorkerSupervisor(app, options, endpoint, await Worker.StartAsync(app, options, endpoint), timeProvider, logger);
            supervisor._watch = supervisor.WatchAsync();
            return supervisor;
        }
        catch
        {
            await endpoint.DisposeAsync();
            throw;
        }
    }

    /// <summary>The worker that runs; while one is being replaced, waits for the next. After the last one has ended it is that, and what it is asked for fails.</summary>
    public async Task<Worker> GetAsync(CancellationToken cancellationToken)
    {
        var worker = await _current.WaitAsync(cancellationToken);
        if (!worker.Gone.IsCancellationRequested && !worker.Process.HasExited) return worker;
        await worker.Handled.WaitAsync(cancellationToken);
        return await _current.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the worker as the platform does; no other one is started.</summary>
    /// <param name="problems">Is told when the worker had to be killed.</param>
    public async Task StopAsync(ConcurrentQueue<string> problems)
    {
        _stopping = true;
        if (!Last.Process.HasExited && !await Last.TerminateAsync(_options.TerminateGracePeriod))
        {
            problems.Enqueue($"The worker did not end within the {_options.TerminateGracePeriod} that WorkerTerminate gives it; it was killed.");
        }

        await Last.DisposeAsync();
        await _watch;
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await Last.DisposeAsync();
        await _watch;
        // One may have become ready in between.
        await Last.DisposeAsync();
        await _endpoint.DisposeAsync();
    }

    private async Task WatchAsync()
    {
        for (var worker = Last; ;)
        {
            await worker.Process.Exit;
            // One that says that all is well is not started again.
            var ended = _stopping || worker.Process.ExitCode == 0;
            if (!ended) NoteError(worker.Process.Id, worker.Process.LastLines);
            if (ended || HasGivenUp)
            {
                worker.SetHandled();
                return;
            }

            _current = ReplaceAsync(worker);
            worker.SetHandled();
            var next = await _current;
            if (next == worker) return;
            worker = next;
            if (!_stopping) continue;
            // Nobody else has seen this one.
            worker.SetHandled();
            await worker.DisposeAsync();
            return;
        }
    }

    // The old worker if none can be started any more.
    private async Task<Worker> ReplaceAsync(Worker old)
    {
        while (!_stopping && !HasGivenUp)
        {
            try
            {
                _last = await Worker.StartAsync(_app, _options, _endpoint);
                await old.DisposeAsync();
                return _last;
            }
            catch (Exception e) when (e is HostRefusesException or TimeoutException)
            {
                NoteError(0, e.Message);
            }
        }

        return old;
    }

    private void NoteError(int processId, string lastLines)
    {
        var now = _timeProvider.GetUtcNow();
        if (_errors.Count > 0 && now - _errors[^1] > s_errorInterval) _errors.Clear();
        _errors.Add(now);
        LogEnded(processId, _errors.Count, lastLines);
        _gaveUp = _errors.Count >= ErrorThreshold;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The worker {ProcessId} has ended, for the time number {Count}: {LastLines}")]
    private partial void LogEnded(int processId, int count, string lastLines);
}
