using System.Net;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The timer, fired by the host: it has the tasks done that are due, and whatever happens, the worker lives.</summary>
[Collection(HostedCollection.Name)]
public sealed class HostedTimerTests(HostedFixture fixture)
{
    private const string Timer = "Maintenance";

    private static readonly string[] s_tasks = ["ApplyRetention", "CollectGarbage", "ImportImages", "PurgeTokens", "Verify"];

    [Fact]
    public async Task It_is_the_only_one_and_does_every_task_when_it_is_due()
    {
        await using var registry = await fixture.StartAsync();
        await registry.PushBlobAsync("app", "of nobody"u8.ToArray());
        Assert.Equal([Timer], registry.Host.Timers);
        var first = await registry.Host.RunTimerAsync(Timer);
        Assert.True(first.Succeeded, first.Failure);
        Assert.All(s_tasks, task => Assert.Single(first.Logs, line => line.StartsWith(task + ": ", StringComparison.Ordinal)));
        // An interval has to pass before any of them is due again.
        var second = await registry.Host.RunTimerAsync(Timer);
        Assert.True(second.Succeeded, second.Failure);
        Assert.DoesNotContain(second.Logs, line => s_tasks.Any(task => line.StartsWith(task + ": ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task When_storage_fails_the_invocation_fails_and_the_worker_lives()
    {
        await using var storage = await BrokenStorage.StartAsync(answers: true);
        await using var registry = await fixture.StartAsync(storage.Options);
        var worker = registry.Host.WorkerId;
        Assert.False((await registry.Host.RunTimerAsync(Timer)).Succeeded);
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("GET", "/v2/")).StatusCode);
        Assert.Equal(worker, registry.Host.WorkerId);
    }

    [Fact]
    public async Task A_run_that_is_out_of_the_hosts_time_does_not_cost_the_worker()
    {
        await using var storage = await BrokenStorage.StartAsync(answers: false);
        await using var registry = await fixture.StartAsync(
            storage.Options, ("AzureFunctionsJobHost__functionTimeout", "00:00:02"), ("Registry__Timers__TimeLimit", "00:00:01"));
        var worker = registry.Host.WorkerId;
        var result = await registry.Host.RunTimerAsync(Timer);
        Assert.True(result.TimedOut);
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("GET", "/v2/")).StatusCode);
        Assert.Equal(worker, registry.Host.WorkerId);
    }

    [Fact]
    public async Task The_schedule_is_the_flat_setting()
    {
        await using var registry = await fixture.StartAsync(("MaintenanceSchedule", "* * * * * *"));
        for (var i = 0; i < 400 && !registry.Output.Contains("PurgeTokens: refresh tokens purged: 0", StringComparison.Ordinal); i++) await Task.Delay(50);
        Assert.Contains("PurgeTokens: refresh tokens purged: 0", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_schedule_the_app_does_not_start()
    {
        var e = await Assert.ThrowsAsync<HostRefusesException>(() => fixture.StartAsync(("MaintenanceSchedule", "")));
        Assert.Contains("'Maintenance'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/Maintenance")]
    [InlineData("/v2/..%2fMaintenance")]
    [InlineData("/v2/%2e%2e/Maintenance")]
    [InlineData("/v2/%252e%252e/Maintenance")]
    [InlineData("/v2/a/..;/../Maintenance")]
    public async Task Nobody_from_outside_reaches_it(string path)
    {
        await using var registry = await fixture.StartAsync();
        var target = new Uri(registry.Host.Url.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent("{}"u8.ToArray()) };
        using var answer = await registry.Client.SendAsync(request);
        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{answer.StatusCode}");
        Assert.DoesNotContain("CollectGarbage: ", registry.Output, StringComparison.Ordinal);
    }
}
