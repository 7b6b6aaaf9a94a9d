using System.Diagnostics;
using Serverless.Registry.Oci;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Maintenance;

/// <summary>Tells of each task's turn when it is over: a line of log, a span, metrics.</summary>
internal sealed partial class MaintenanceObserver(RegistryMetrics metrics, TimeProvider time, ILogger<MaintenanceObserver> logger)
{
    /// <summary>Runs a turn and tells how it has ended.</summary>
    public async Task<MaintenanceReport> ObserveAsync(string task, Func<Task<MaintenanceReport>> runAsync, CancellationToken cancellationToken)
    {
        using var activity = RegistryActivities.StartMaintenance(task);
        var started = time.GetTimestamp();
        var outcome = "failed";
        try
        {
            var report = await runAsync();
            outcome = "done";
            LogDone(task, report.Log);
            return report;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = "stopped";
            LogStopped(task);
            throw;
        }
        catch (RegistryException e) when (e.Error == RegistryError.Unsupported)
        {
            outcome = "paused";
            LogPaused(task, e.Message);
            throw;
        }
        catch (Exception e)
        {
            LogFailed(e, task);
            activity?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            metrics.Maintained(task, outcome, time.GetElapsedTime(started));
        }
    }

    /// <summary>Tells that a claim could not be given back.</summary>
    public void NotReleased(string task, Exception exception) => LogNotReleased(exception, task);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Task}: {Log}")]
    private partial void LogDone(string task, string log);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Task}: stopped before its end; the rest comes with the next run")]
    private partial void LogStopped(string task);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Task}: {Reason}; the rest comes when that has changed")]
    private partial void LogPaused(string task, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Task} failed; it is done again at its next time")]
    private partial void LogFailed(Exception exception, string task);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The claim of {Task} could not be given back; other instances may claim it when its time is over")]
    private partial void LogNotReleased(Exception exception, string task);
}
