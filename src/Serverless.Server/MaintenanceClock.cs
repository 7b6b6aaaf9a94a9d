using Serverless.Web.Maintenance;
using Serverless.Web.Settings;

namespace Serverless.Server;

/// <summary>Has the tasks done that are due, as long as the server runs.</summary>
internal sealed partial class MaintenanceClock(MaintenanceRunner runner, MaintenanceSettings settings, TimeProvider time, ILogger<MaintenanceClock> logger) : BackgroundService
{
    // A look at what is due is one call to storage.
    private static readonly TimeSpan s_longest = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (settings.Intervals.Count == 0) return;
        var look = settings.Intervals.Values.Min() / 4;
        using var timer = new PeriodicTimer(look < s_longest ? look : s_longest, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await runner.RunAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(e);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "It could not be found out which tasks are due; the next look comes in a while")]
    private partial void LogFailed(Exception exception);
}
