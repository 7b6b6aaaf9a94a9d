namespace Serverless.Functions.Maintenance;

/// <summary>Does the tasks in time where there is no Functions host to do so. A task that fails is done again at its next time.</summary>
internal sealed partial class MaintenanceService(IEnumerable<MaintenanceTask> tasks, TimeProvider timeProvider, ILogger<MaintenanceService> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(tasks.Where(t => t.Interval is not null).Select(t => RunAsync(t, stoppingToken)));

    private async Task RunAsync(MaintenanceTask task, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(task.Interval!.Value, timeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    var log = await task.RunAsync(stoppingToken);
                    LogDone(task.Name, log);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(e, task.Name);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped(task.Name);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Task}: {Log}")]
    private partial void LogDone(string task, string log);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Task} failed; it is done again at its next time")]
    private partial void LogFailed(Exception exception, string task);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Task} has stopped")]
    private partial void LogStopped(string task);
}
