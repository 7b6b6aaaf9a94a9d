using System.Globalization;
using Serverless.Registry;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Maintenance;

/// <summary>Garbage goes. The queue says where to look, and what is done leaves it; a cursor says what has had its turn, so that the rest has it too.</summary>
internal sealed partial class CollectTask(ContainerRegistry registry, MaintenanceSettings settings, RegistryMetrics metrics, ILogger<CollectTask> logger) : IMaintenanceTask
{
    public string Name => MaintenanceSettings.CollectGarbage;

    public async Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken)
    {
        var options = settings.Collection;
        var budget = turn.Budget < options.TimeBudget ? turn.Budget : options.TimeBudget;
        var summary = await registry.GarbageCollector.CollectAsync(options with { TimeBudget = budget }, Report, turn.Walk, cancellationToken);
        return new MaintenanceReport(string.Create(
            CultureInfo.InvariantCulture,
            $"repositories reviewed: {summary.Reviewed}; deleted: manifests {summary.Count(CollectedKind.Manifest)}, links {summary.Count(CollectedKind.Link)}, blobs {summary.Count(CollectedKind.Blob)}, uploads {summary.Count(CollectedKind.Upload)}, bytes {summary.FreedBytes}; skipped: {summary.Count(CollectedKind.Skipped)}{(summary.Finished ? "" : "; out of time, the rest comes with the next run")}"), summary.Finished);
    }

    private void Report(CollectedItem item)
    {
        metrics.Collected(item);
        if (item.Kind == CollectedKind.Skipped) LogSkipped(item.Repository, item.Digest, item.Note);
        else LogCollected(item.Kind, item.Repository, item.Digest, item.Size);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Collected: {Kind} {Repository} {Digest} ({Size} bytes)")]
    private partial void LogCollected(CollectedKind kind, RepositoryName? repository, Digest? digest, long size);

    [LoggerMessage(Level = LogLevel.Error, Message = "Passed over {Repository} {Digest}: {Reason}")]
    private partial void LogSkipped(RepositoryName? repository, Digest? digest, string? reason);
}
