using System.Globalization;
using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>Refresh tokens that have ended go.</summary>
internal sealed class PurgeTokensTask(ContainerRegistry registry, RefreshTokenStore refreshTokens) : IMaintenanceTask
{
    public string Name => MaintenanceSettings.PurgeTokens;

    public async Task<MaintenanceReport> RunAsync(MaintenanceTurn turn, CancellationToken cancellationToken)
    {
        await registry.DemandWritableAsync(delete: false, cancellationToken);
        var tokens = await refreshTokens.PurgeAsync(null, cancellationToken);
        return new MaintenanceReport(string.Create(CultureInfo.InvariantCulture, $"refresh tokens purged: {tokens}"));
    }
}
