using System.Collections.Concurrent;
using Serverless.Registry.Imports;
using Serverless.Registry.Storage;

namespace Serverless.Web.Imports;

/// <summary>
/// Runs imports in the background of a process, some at a time, and comes back to those that have to wait. On a plain server it looks for all that have not ended, half a minute after its start; what an instance of the
/// Functions host does not come to, because it is stopped, the maintenance timer does, and so does the instance that is asked how the import stands.
/// </summary>
public sealed partial class ImportWorker : BackgroundService
{
    // After whatever went wrong without a time of its own: storage that does not answer, say.
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(30);

    private readonly ImportRun _imports;
    private readonly ImportSignals _signals;
    private readonly ImportSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<ImportWorker> _logger;
    private readonly ConcurrentDictionary<string, bool> _inHand = new();
    private readonly ConcurrentDictionary<string, Task> _waiting = new();

    /// <summary>A worker.</summary>
    /// <param name="imports">Runs them.</param>
    /// <param name="signals">Tells which wait.</param>
    /// <param name="settings">How many at a time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of what goes wrong.</param>
    public ImportWorker(ImportRun imports, ImportSignals signals, ImportSettings settings, TimeProvider time, ILogger<ImportWorker> logger) =>
        (_imports, _signals, _settings, _time, _logger) = (imports, signals, settings, time, logger);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_settings.Enabled) return;
        _signals.IsHeard = _settings.IsLongLived;
        var working = Task.WhenAll(Enumerable.Range(0, _settings.MaxParallel).Select(_ => WorkAsync(stoppingToken)));
        if (_settings.IsLongLived) await BeginAsync(stoppingToken);
        await working;
        await Task.WhenAll(_waiting.Values);
    }

    private async Task BeginAsync(CancellationToken stoppingToken)
    {
        try
        {
            // Not with the start itself, which costs no call to storage.
            await Task.Delay(_settings.BeginAfter, _time, stoppingToken);
            foreach (var id in (await _imports.SweepAsync(stoppingToken)).Open) _signals.Raise(id);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // The maintenance task looks again; an exception that left this class would end the process.
            LogNotSwept(e);
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    private async Task WorkAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var id in _signals.ReadAllAsync(stoppingToken))
            {
                if (!_inHand.TryAdd(id, true)) continue;
                var wait = await RunAsync(id, stoppingToken);
                _inHand.TryRemove(id, out _);
                if (wait is { } pause) _ = _waiting.GetOrAdd(id, _ => ComeBackAsync(id, pause, stoppingToken));
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Imports that were cut off have been let go of.
        }
    }

    /// <returns>When to come back; null: never.</returns>
    private async Task<TimeSpan?> RunAsync(string id, CancellationToken stoppingToken)
    {
        try
        {
            return await _imports.RunAsync(id, stoppingToken) is { } next ? await _imports.UntilAsync(next, stoppingToken) : null;
        }
        catch (StorageUnavailableException e)
        {
            LogUnavailable(e, id);
            return s_pause;
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // The others may well be imported.
            LogFailed(e, id);
            return s_pause;
        }
    }

    private async Task ComeBackAsync(string id, TimeSpan pause, CancellationToken stoppingToken)
    {
        // Not before the task is among those that wait, from where it is taken out below.
        await Task.Yield();
        await Task.Delay(pause, _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _waiting.TryRemove(id, out _);
        _signals.Raise(id);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "It could not be looked which imports have not ended; the maintenance task looks again")]
    private partial void LogNotSwept(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The import {Id} was cut off, because storage is not available; it goes on soon")]
    private partial void LogUnavailable(Exception exception, string id);

    [LoggerMessage(Level = LogLevel.Error, Message = "The import {Id} failed; it is tried again")]
    private partial void LogFailed(Exception exception, string id);
}

/// <summary>How a process runs imports.</summary>
/// <param name="Enabled">Whether there are any.</param>
/// <param name="IsLongLived">Whether the process lives long enough to be relied on.</param>
/// <param name="MaxParallel">How many at a time.</param>
public sealed record ImportSettings(bool Enabled, bool IsLongLived, int MaxParallel)
{
    /// <summary>How long after its start a process that lives long looks for imports that have not ended.</summary>
    public TimeSpan BeginAfter { get; init; } = TimeSpan.FromSeconds(30);
}
