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
        // One that goes on where another was cut off may not have seen all blobs.
        if (summary.Blobs > 0) await registry.Usage.NoteTotalAsync(summary.Blobs, summary.BlobBytes, cancellationToken);
        return new MaintenanceReport(string.Create(
            CultureInfo.InvariantCulture,
            $"findings: {summary.Findings.Values.Sum()}, repaired: {summary.Repaired}; objects: {summary.Objects}, blobs: {summary.Blobs}{(summary.IsComplete ? "" : "; not complete, because not everything could be read and checked")}"));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Found: {Finding}")]
    private partial void LogFinding(VerifyFinding finding);
}
