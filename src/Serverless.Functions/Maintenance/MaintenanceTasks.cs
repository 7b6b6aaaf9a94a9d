using System.Diagnostics;
using System.Globalization;
using Serverless.Functions.Telemetry;
using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Registry.GarbageCollection;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Serverless.Registry.Verification;

namespace Serverless.Functions.Maintenance;

/// <summary>Everything that is done from time to time.</summary>
internal sealed partial class MaintenanceTasks(
    ContainerRegistry registry, RefreshTokenStore refreshTokens, MaintenanceSettings settings, RegistryMetrics metrics, TimeProvider time, ILogger<MaintenanceTasks> logger)
{
    /// <summary>The tasks by name.</summary>
    public IReadOnlyDictionary<string, MaintenanceTask> All => new[]
    {
        Task(MaintenanceSettings.CollectGarbage, CollectAsync),
        Task(MaintenanceSettings.PurgeUploads, PurgeAsync),
        Task(MaintenanceSettings.ApplyRetention, RetainAsync),
        Task(MaintenanceSettings.Verify, VerifyAsync),
    }.ToDictionary(t => t.Name);

    private MaintenanceTask Task(string name, Func<CancellationToken, Task<string>> runAsync) => new(
        name,
        settings.Intervals.TryGetValue(name, out var interval) ? interval : null,
        cancellationToken => ObserveAsync(name, async () =>
        {
            // Somebody may be moving storage at this moment.
            if ((await registry.Switches.GetAsync(cancellationToken)).ReadOnly) return "the registry is read-only; nothing was done";
            return await runAsync(cancellationToken);
        }, cancellationToken));

    private async Task<string> ObserveAsync(string name, Func<Task<string>> runAsync, CancellationToken cancellationToken)
    {
        using var activity = RegistryActivities.StartMaintenance(name);
        var started = time.GetTimestamp();
        var outcome = "failed";
        try
        {
            var log = await runAsync();
            outcome = "done";
            return log;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            outcome = "stopped";
            throw;
        }
        finally
        {
            metrics.Maintained(name, outcome, time.GetElapsedTime(started));
            if (outcome == "failed") activity?.SetStatus(ActivityStatusCode.Error);
        }
    }

    private async Task<string> CollectAsync(CancellationToken cancellationToken)
    {
        var summary = await registry.GarbageCollector.CollectAsync(settings.Collection, Report, cancellationToken);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{summary.Reviewed} repositories reviewed; deleted {summary.Count(CollectedKind.Manifest)} manifests, {summary.Count(CollectedKind.Link)} links, {summary.Count(CollectedKind.Blob)} blobs of {summary.FreedBytes} bytes; {summary.Count(CollectedKind.Skipped)} repositories skipped{(summary.Finished ? "" : "; out of time, the rest comes with the next run")}");
    }

    private async Task<string> PurgeAsync(CancellationToken cancellationToken)
    {
        var uploads = await registry.UploadPurge.RunAsync(settings.PurgeAge, dryRun: false, LogPurged, cancellationToken);
        var tokens = await refreshTokens.PurgeAsync(null, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{uploads} uploads and {tokens} refresh tokens purged");
    }

    private async Task<string> RetainAsync(CancellationToken cancellationToken)
    {
        var summary = await registry.Retention.ApplyAsync(settings.Retention, dryRun: false, LogRetired, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{summary.Deleted} of {summary.Tags} tags of {summary.Repositories} repositories deleted");
    }

    private async Task<string> VerifyAsync(CancellationToken cancellationToken)
    {
        var summary = await registry.Verifier.RunAsync(settings.Verification, LogFinding, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{summary.Findings.Values.Sum()} findings in {summary.Objects} objects and {summary.Blobs} blobs, {summary.Repaired} repaired");
    }

    private void Report(CollectedItem item)
    {
        metrics.Collected(item);
        if (item.Kind == CollectedKind.Skipped) LogSkipped(item.Repository, item.Note);
        else LogCollected(item.Kind, item.Repository, item.Digest, item.Size);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Collected: {Kind} {Repository} {Digest} ({Size} bytes)")]
    private partial void LogCollected(CollectedKind kind, RepositoryName? repository, Digest? digest, long size);

    [LoggerMessage(Level = LogLevel.Error, Message = "Nothing is collected in {Repository}: {Reason}")]
    private partial void LogSkipped(RepositoryName? repository, string? reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Retired: {Tag}")]
    private partial void LogRetired(RetiredTag tag);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Found: {Finding}")]
    private partial void LogFinding(VerifyFinding finding);

    [LoggerMessage(Level = LogLevel.Information, Message = "Purged: {Upload}")]
    private partial void LogPurged(PurgedUpload upload);
}
