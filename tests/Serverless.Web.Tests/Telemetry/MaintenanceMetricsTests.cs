using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Core;
using Serverless.Testing;
using Serverless.Web.Maintenance;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;
using Xunit;

namespace Serverless.Web.Tests.Telemetry;

public sealed class MaintenanceMetricsTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    [Fact]
    public async Task What_the_collector_deletes_and_frees_is_counted()
    {
        var counted = new Dictionary<string, double>();
        using var listener = Listen(counted);
        var (task, observer) = (Registry.Services.GetServices<IMaintenanceTask>().Single(t => t.Name == MaintenanceSettings.CollectGarbage), Registry.Services.GetRequiredService<MaintenanceObserver>());
        var turn = new MaintenanceTurn(TimeSpan.MaxValue, new WalkCursor(null, (_, _) => Task.CompletedTask));
        await Registry.PushBlobAsync("app", RegistryClient.RandomBytes(1234));
        for (var run = 0; run < 5; run++)
        {
            await observer.ObserveAsync(task.Name, () => task.RunAsync(turn, default), default);
            Time.Advance(TimeSpan.FromHours(30));
        }

        Assert.Equal(1, counted["registry.gc.blobs"]);
        Assert.Equal(1234, counted["registry.gc.freed"]);
        Assert.Equal(5, counted["registry.maintenance.duration CollectGarbage done"]);
        var stopped = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => observer.ObserveAsync(task.Name, () => task.RunAsync(turn, stopped), stopped));
        Assert.Equal(1, counted["registry.maintenance.duration CollectGarbage stopped"]);
    }

    // Counters by their sum, histograms by how often something was recorded.
    private MeterListener Listen(Dictionary<string, double> counted)
    {
        var meter = Registry.Services.GetRequiredService<RegistryMetrics>().Meter;
        var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter == meter) l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value));
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Add($"{instrument.Name} {string.Join(' ', tags.ToArray().Select(t => t.Value))}", 1));
        listener.Start();
        return listener;

        void Add(string name, double value) => counted[name] = counted.GetValueOrDefault(name) + value;
    }
}
