using System.Globalization;
using Serverless.Registry;
using Serverless.Registry.Retention;
using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>Tags go by rule.</summary>
internal sealed partial class RetentionTask(ContainerRegistry registry, MaintenanceSettings settings, ILogger<RetentionTask> logger) : IMaintenanceTask
{
    public string Name => MaintenanceSettings.ApplyRetention;

    public async Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken)
    {
        var summary = await registry.Retention.ApplyAsync(settings.Retention, dryRun: false, LogRetired, turn.Walk, cancellationToken);
        return new MaintenanceReport(string.Create(CultureInfo.InvariantCulture, $"tags deleted: {summary.Deleted} of {summary.Tags}; repositories: {summary.Repositories}"));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Retired: {Tag}")]
    private partial void LogRetired(RetiredTag tag);
}
