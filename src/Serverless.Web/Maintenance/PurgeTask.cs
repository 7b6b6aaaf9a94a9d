using System.Globalization;
using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Registry.GarbageCollection;
using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>Uploads that were left behind go, and refresh tokens that have ended.</summary>
internal sealed partial class PurgeTask(ContainerRegistry registry, RefreshTokenStore refreshTokens, MaintenanceSettings settings, ILogger<PurgeTask> logger) : IMaintenanceTask
{
    public string Name => MaintenanceSettings.PurgeUploads;

    public async Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken)
    {
        var uploads = await registry.UploadPurge.RunAsync(settings.PurgeAge, dryRun: false, LogPurged, turn.Walk, cancellationToken);
        var tokens = await refreshTokens.PurgeAsync(null, cancellationToken);
        return new MaintenanceReport(string.Create(CultureInfo.InvariantCulture, $"{uploads} uploads and {tokens} refresh tokens purged"));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Purged: {Upload}")]
    private partial void LogPurged(PurgedUpload upload);
}
