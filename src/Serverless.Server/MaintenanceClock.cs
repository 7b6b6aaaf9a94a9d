using Serverless.Web.Maintenance;

namespace Serverless.Server;

/// <summary>Has the tasks done that are due, as long as the server runs.</summary>
internal sealed class MaintenanceClock(MaintenanceRunner runner, TimeProvider time) : BackgroundService
{
    // A look at what is due is one call to storage.
    private static readonly TimeSpan s_look = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(s_look, time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) await runner.RunAsync(stoppingToken);
    }
}
