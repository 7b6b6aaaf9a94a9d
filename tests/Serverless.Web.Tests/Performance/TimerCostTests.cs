using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry.Core;
using Serverless.Testing;
using Serverless.Web.Maintenance;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Performance;

/// <summary>What the timers of an idle registry cost in calls to storage: there is something in it, but nobody has touched it for long.</summary>
public sealed class TimerCostTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    [Theory]
    [InlineData(MaintenanceSettings.CollectGarbage)]
    [InlineData(MaintenanceSettings.DeliverEvents)]
    [InlineData(MaintenanceSettings.PurgeTokens)]
    [InlineData(MaintenanceSettings.ApplyRetention)]
    [InlineData(MaintenanceSettings.Verify)]
    [InlineData(MaintenanceSettings.ImportImages)]
    public async Task An_idle_timer_costs_a_few_calls(string name)
    {
        await Registry.PutManifestAsync("app", "v1", await Registry.PrepareImageAsync("app"));
        var turn = new MaintenanceTurn(TimeSpan.MaxValue, new WalkCursor(null, (_, _) => Task.CompletedTask));
        var tasks = Registry.Services.GetServices<IMaintenanceTask>().ToDictionary(t => t.Name);
        // All that was touched is old and has had its turn.
        for (var day = 0; day < 8; day += 2)
        {
            Time.Advance(TimeSpan.FromDays(2));
            await tasks[MaintenanceSettings.Verify].RunAsync(turn, CancellationToken.None);
            await tasks[MaintenanceSettings.CollectGarbage].RunAsync(turn, CancellationToken.None);
        }

        Registry.Probe.Reset();
        await tasks[name].RunAsync(turn, CancellationToken.None);
        Assert.True(CountedCalls.Of(name) == Registry.Probe.Counts, $"Counted {Registry.Probe.Counts}: {string.Join("; ", Registry.Probe.Calls)}");
    }
}
