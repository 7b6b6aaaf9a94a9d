using Serverless.Registry.Scheduling;
using Serverless.Web.Settings;

namespace Serverless.Web.Maintenance;

/// <summary>Adds what is done from time to time. Whoever hosts the registry calls <see cref="MaintenanceRunner"/> from a timer.</summary>
internal static class MaintenanceServices
{
    public static IServiceCollection AddMaintenance(this IServiceCollection services, MaintenanceSettings settings) => services
        .AddSingleton(settings)
        .AddSingleton<IMaintenanceTask, CollectTask>().AddSingleton<IMaintenanceTask, DeliverTask>().AddSingleton<IMaintenanceTask, PurgeTokensTask>()
        .AddSingleton<IMaintenanceTask, RetentionTask>().AddSingleton<IMaintenanceTask, VerifyTask>().AddSingleton<IMaintenanceTask, ImportTask>()
        .AddSingleton<MaintenanceObserver>().AddSingleton<TaskClaims>()
        .AddSingleton(sp => new MaintenanceRunner(
            sp.GetServices<IMaintenanceTask>(), sp.GetRequiredService<TaskClaims>(), settings, sp.GetRequiredService<MaintenanceObserver>(), sp.GetRequiredService<TimeProvider>()));
}
