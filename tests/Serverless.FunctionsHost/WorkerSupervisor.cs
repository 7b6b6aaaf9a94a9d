using System.Globalization;

namespace Serverless.FunctionsHost;

/// <summary>Keeps one worker running: one that ends is started again, on the same port, until that has been too often.</summary>
internal sealed partial class WorkerSupervisor : IAsyncDisposable
{
    private const int ErrorThreshold = 3;

    private static readonly TimeSpan s_errorInterval = TimeSpan.FromMinutes(30);

    private readonly FunctionsHostOptions _options;
    private readonly HostFile _host;
    private readonly ILogger _logger;
    private readonly TimeProvider _timeProvider;
    private readonly int _port = FreePort.Find();
    private readonly List<DateTimeOffset> _errors = [];
    private volatile bool _stopping;
    private volatile bool _restarting;
    private volatile bool _gaveUp;
    private volatile Worker _worker;
    private Task _watch = Task.CompletedTask;

    private WorkerSupervisor(FunctionsHostOptions options, HostFile host, TimeProvider timeProvider, ILogger logger)
    {
        (_options, _host, _timeProvider, _logger) = (options, host, timeProvider, logger);
        _worker = Worker.Start(options, host, _port);
    }

    /// <summary>Where the worker listens.</summary>
    public Uri Address => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}/"));

    public int WorkerId => _worker.Id;

    /// <summary>Whether the worker has ended too often; the host stops then.</summary>
    public bool HasGivenUp
    {
        get => _gaveUp;
        private set => _gaveUp = value;
    }

    /// <exception cref="HostRefusesException">The worker cannot be started, or ends before it answers.</exception>
    /// <exception cref="TimeoutException">It does not answer in time.</exception>
    public static async Task<WorkerSupervisor> StartAsync(FunctionsHostOptions options, HostFile host, TimeProvider timeProvider, ILogger logger)
    {
        var supervisor = new WorkerSupervisor(options, host, timeProvider, logger);
        try
        {
            if (!await supervisor._worker.WaitUntilReadyAsync(supervisor.Address, options.InitializationTimeout))
            {
                // What it had to say may still be on its way.
                await supervisor._worker.WaitForExitAsync();
                throw new HostRefusesException($"The worker ended before it answered: {supervisor._worker.LastLines}");
            }

            supervisor._watch = supervisor.WatchAsync();
            return supervisor;
        }
        catch
        {
            await supervisor._worker.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the worker; another one is started. That is no error of the worker's.</summary>
    public void Restart()
    {
        _restarting = true;
        _worker.Kill();
    }

    /// <summary>Ends the worker without a word; no other one is started.</summary>
    public async Task StopAsync()
    {
        _stopping = true;
        _worker.Kill();
        await _worker.WaitForExitAsync();
        await _watch;
    }

    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        await _worker.DisposeAsync();
        await _watch;
    }

    private async Task WatchAsync()
    {
        while (true)
        {
            await _worker.WaitForExitAsync();
            // One that says that all is well is not started again.
            if (_stopping || (_worker.ExitCode == 0 && !_restarting)) return;
            if (!_restarting) NoteError();
            if (HasGivenUp) return;
            _restarting = false;
            _worker = Worker.Start(_options, _host, _port);
        }
    }

    private void NoteError()
    {
        var now = _timeProvider.GetUtcNow();
        if (_errors.Count > 0 && now - _errors[^1] > s_errorInterval) _errors.Clear();
        _errors.Add(now);
        LogEnded(_worker.Id, _errors.Count, _worker.LastLines);
        HasGivenUp = _errors.Count >= ErrorThreshold;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The worker {ProcessId} has ended, for the time number {Count}: {LastLines}")]
    private partial void LogEnded(int processId, int count, string lastLines);
}
