using System.Globalization;
using Serverless.Registry.Delivery;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Maintenance;

/// <summary>Events are delivered that nobody has delivered: a process has died, or an endpoint did not take them.</summary>
internal sealed class DeliverTask(EventDelivery delivery, EventMetrics metrics) : IMaintenanceTask
{
    public string Name => MaintenanceSettings.DeliverEvents;

    public async Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken)
    {
        var summary = await delivery.SweepAsync(turn.Budget, turn.Walk, cancellationToken);
        metrics.Oldest(summary.Oldest);
        return new MaintenanceReport(string.Create(
            CultureInfo.InvariantCulture,
            $"places looked at: {summary.Places}; oldest event that could not be delivered, in seconds: {(long)summary.Oldest.TotalSeconds}; given up long ago and dropped: {summary.Purged}{(summary.IsFinished ? "" : "; out of time, the rest comes with the next run")}"), summary.IsFinished);
    }
}
