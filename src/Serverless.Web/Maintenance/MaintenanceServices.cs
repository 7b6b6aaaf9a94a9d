using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>Adds what is done from time to time. Whoever hosts the registry calls <see cref="MaintenanceRunner"/> from a timer.</summary>
internal static class MaintenanceServices
{
    public static IServiceCollection AddMaintenance(this IServiceCollection services, MaintenanceSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<IMaintenanceTask, CollectTask>().AddSingleton<IMaintenanceTask, PurgeTask>()
        .AddSingleton<IMaintenanceTask, RetentionTask>().AddSingleton<IMaintenanceTask, VerifyTask>()
        .AddSingleton<MaintenanceObserver>()
        .AddSingleton(sp => new MaintenanceRunner(sp.GetServices<IMaintenanceTask>(), settings, sp.GetRequiredService<MaintenanceObserver>()));
}
