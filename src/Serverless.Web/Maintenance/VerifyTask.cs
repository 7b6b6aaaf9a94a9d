using System.Globalization;
using Serverless.Registry;
using Serverless.Registry.Verification;
using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>Storage is compared with the tables.</summary>
internal sealed partial class VerifyTask(ContainerRegistry registry, MaintenanceSettings settings, ILogger<VerifyTask> logger) : IMaintenanceTask
{
    public string Name => MaintenanceSettings.Verify;

    public async Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken)
    {
        var summary = await registry.Verifier.RunAsync(settings.Verification, LogFinding, turn.Walk, cancellationToken);
        return new MaintenanceReport(string.Create(
            CultureInfo.InvariantCulture,
            $"findings: {summary.Findings.Values.Sum()}, repaired: {summary.Repaired}; objects: {summary.Objects}, blobs: {summary.Blobs}{(summary.IsComplete ? "" : "; not complete, because not everything could be read and checked")}"));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Found: {Finding}")]
    private partial void LogFinding(VerifyFinding finding);
}
