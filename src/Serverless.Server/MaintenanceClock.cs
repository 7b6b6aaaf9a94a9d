using Serverless.Web.Maintenance;
using Serverless.Web.Settings;

namespace Serverless.Server;

/// <summary>Has the tasks done that are due, as long as the server runs.</summary>
internal sealed partial class MaintenanceClock(MaintenanceRunner runner, MaintenanceSettings settings, UploadSettings uploads, TimeProvider time, ILogger<MaintenanceClock> logger) : BackgroundService
{
    // A look at what is due is one call to storage.
    private static readonly TimeSpan s_rarest = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A server of uploads works beside a registry that sees to that.
        if (uploads.Only || settings.Intervals.Count == 0) return;
        var look = settings.Intervals.Values.Min() / 4;
        using var timer = new PeriodicTimer(look < s_rarest ? look : s_rarest, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await RunAsync(stoppingToken);
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        try
        {
            await runner.RunAsync(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Storage that does not answer now may do so next time, and an exception that left this class would end the process.
            LogFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What is due could not be looked at or done; the next look follows")]
    private partial void LogFailed(Exception exception);
}
