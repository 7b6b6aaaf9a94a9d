using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Functions.Hosting;
using Serverless.Functions.Maintenance;
using Serverless.Functions.Telemetry;
using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Testing;
using Xunit;

namespace Serverless.Functions.Tests.Performance;

/// <summary>What the timers of an idle registry cost in calls to storage: there is something in it, but nobody has touched it for long.</summary>
public sealed class TimerCostTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>, IDisposable
{
    private readonly RegistryMetrics _metrics = new(TimeProvider.System);

    public void Dispose() => _metrics.Dispose();

    [Theory]
    [InlineData(MaintenanceSettings.CollectGarbage)]
    [InlineData(MaintenanceSettings.PurgeUploads)]
    [InlineData(MaintenanceSettings.ApplyRetention)]
    [InlineData(MaintenanceSettings.Verify)]
    public async Task An_idle_timer_costs_a_few_calls(string name)
    {
        await Registry.PutManifestAsync("app", "v1", await Registry.PrepareImageAsync("app"));
        var tasks = Tasks();
        // All that was touched is old and has had its turn.
        for (var turn = 0; turn < 4; turn++)
        {
            Time.Advance(TimeSpan.FromDays(2));
            await tasks[MaintenanceSettings.CollectGarbage].RunAsync(CancellationToken.None);
        }

        Registry.Probe.Reset();
        await tasks[name].RunAsync(CancellationToken.None);
        Assert.True(CountedCalls.Of(name) == Registry.Probe.Counts, $"Counted {Registry.Probe.Counts}: {string.Join("; ", Registry.Probe.Calls)}");
    }

    private IReadOnlyDictionary<string, MaintenanceTask> Tasks()
    {
        var (tables, objects) = Registry.Probe.Watch(Registry.Stores);
        var settings = RegistrySettings.Read(new SettingsReader(new ConfigurationBuilder().Build()));
        var registry = new ContainerRegistry(tables, objects, settings.Registry, Time);
        return new MaintenanceTasks(registry, new RefreshTokenStore(tables, Time), settings.Maintenance, _metrics, Time, NullLogger<MaintenanceTasks>.Instance).All;
    }
}
