using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions.Hosting;
using Serverless.Functions.Maintenance;
using Serverless.Functions.Telemetry;
using Serverless.Functions.Telemetry.Prometheus;
using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.Functions.Tests.Telemetry;

public sealed class MaintenanceMetricsTests
{
    [Fact]
    public async Task What_the_collector_deletes_and_frees_is_counted()
    {
        var time = new ManualTimeProvider();
        var (tables, objects) = (new InMemoryTableStore(time), new InMemoryObjectStore(time));
        var registry = new ContainerRegistry(tables, objects, new RegistryOptions(), time);
        using var metrics = new RegistryMetrics(time);
        using var collector = new MetricsCollector(metrics.Meter);
        var settings = RegistrySettings.Read(new SettingsReader(new ConfigurationBuilder().Build())).Maintenance;
        var tasks = new MaintenanceTasks(registry, new RefreshTokenStore(tables, time), settings, metrics, time, NullLogger<MaintenanceTasks>.Instance);
        await registry.GetRepository(RepositoryName.Parse("app")).Blobs.PutAsync(RegistryServer.RandomBytes(1234), default);
        for (var run = 0; run < 5; run++)
        {
            await tasks.All[MaintenanceSettings.CollectGarbage].RunAsync(default);
            time.Advance(TimeSpan.FromHours(30));
        }

        var lines = collector.Write().Split('\n');
        Assert.Contains("registry_gc_blobs_total 1", lines);
        Assert.Contains("registry_gc_freed_bytes_total 1234", lines);
        Assert.Contains("registry_maintenance_duration_seconds_count{registry_maintenance_task=\"CollectGarbage\",registry_maintenance_outcome=\"done\"} 5", lines);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => tasks.All[MaintenanceSettings.CollectGarbage].RunAsync(new CancellationToken(canceled: true)));
        Assert.Contains("registry_maintenance_duration_seconds_count{registry_maintenance_task=\"CollectGarbage\",registry_maintenance_outcome=\"stopped\"} 1", collector.Write().Split('\n'));
    }
}
