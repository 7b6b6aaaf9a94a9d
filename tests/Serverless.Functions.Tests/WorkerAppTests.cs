using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Functions.Tests;

public sealed class WorkerAppTests
{
    [Fact]
    public void There_is_one_timer_and_its_schedule_has_a_name_that_the_host_finds()
    {
        var timers = typeof(MaintenanceFunction).Assembly.GetTypes().SelectMany(t => t.GetMethods()).SelectMany(m => m.GetParameters()).Select(p => p.GetCustomAttribute<TimerTriggerAttribute>()).OfType<TimerTriggerAttribute>();
        var schedule = Assert.Single(timers).Schedule;
        Assert.Equal("%MaintenanceSchedule%", schedule);
        // It turns two underscores into a colon before it looks a name up.
        Assert.DoesNotContain("__", schedule, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hosts_file_of_the_app_is_read()
    {
        var file = HostFile.Read(new ConfigurationBuilder().Build());
        Assert.Equal(("", TimeSpan.FromMinutes(30)), (file.RoutePrefix, file.FunctionTimeout));
    }

    [Theory]
    [InlineData("""{"version":"2.0"}""", "api", 30)]
    [InlineData("""{"version":"2.0","functionTimeout":"-1","extensions":{"http":{"routePrefix":"team"}}}""", "team", null)]
    [InlineData("""{"version":"2.0","functionTimeout":"00:10:00","extensions":{}}""", "api", 10)]
    public void What_a_hosts_file_leaves_out_is_as_the_host_has_it(string json, string prefix, int? minutes)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "host.json"), json);
            var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("FUNCTIONS_APPLICATION_DIRECTORY", folder.FullName)]).Build();
            Assert.Equal(new HostFile(prefix, minutes is { } m ? TimeSpan.FromMinutes(m) : null), HostFile.Read(configuration));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Without_the_schedule_it_does_not_start()
    {
        var e = Assert.Throws<SettingsException>(() => WorkerApp.Create([]));
        Assert.Contains("MaintenanceSchedule must be set", e.Message, StringComparison.Ordinal);
    }
}
