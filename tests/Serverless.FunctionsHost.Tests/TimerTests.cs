using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>Timers, fired by their schedules and by hand.</summary>
[Collection(FixtureCollection.Name)]
public sealed class TimerTests(PublishedFixture fixture)
{
    private static readonly string[] s_timers = ["Linger", "Succeed", "Throw"];

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 30, TimeSpan.Zero));

    [Fact]
    public async Task The_first_run_has_never_been_before_and_the_second_knows_of_it()
    {
        await using var host = await StartAsync(("SucceedSchedule", "0 */5 * * * *"));
        Assert.Equal(s_timers, host.Host.Timers.Order());
        var first = Status(await host.Host.RunTimerAsync("Succeed"));
        Assert.Equal(DateTime.MinValue, first.GetProperty("Last").GetDateTime());
        Assert.Equal(new DateTime(2026, 3, 1, 12, 5, 0, DateTimeKind.Utc), first.GetProperty("Next").GetDateTime());
        var second = Status(await host.Host.RunTimerAsync("Succeed"));
        Assert.Equal(_time.GetUtcNow().UtcDateTime, second.GetProperty("Last").GetDateTime());
    }

    [Fact]
    public async Task Below_a_minute_no_status_is_kept()
    {
        await using var host = await StartAsync(("SucceedSchedule", "*/30 * * * * *"));
        Assert.Equal(JsonValueKind.Null, Status(await host.Host.RunTimerAsync("Succeed")).ValueKind);
    }

    [Fact]
    public async Task An_invocation_that_throws_fails_with_what_was_thrown()
    {
        await using var host = await StartAsync();
        var result = await host.Host.RunTimerAsync("Throw");
        Assert.Equal((false, false), (result.Succeeded, result.TimedOut));
        Assert.Contains("Throw throws, in time.", result.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schedule_is_the_clocks()
    {
        await using var host = await StartAsync(("SucceedSchedule", "0 */5 * * * *"));
        _time.Advance(TimeSpan.FromMinutes(4));
        await Task.Delay(200);
        Assert.DoesNotContain("Succeed:", host.Output, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromMinutes(1));
        await host.WaitForAsync("Succeed:");
    }

    [Fact]
    public async Task A_timer_runs_once_at_a_time()
    {
        await using var host = await StartAsync();
        var first = host.Host.RunTimerAsync("Linger");
        await host.WaitForAsync("Linger: begun");
        var second = host.Host.RunTimerAsync("Linger");
        await Task.Delay(300);
        Assert.Equal(2, host.Output.Split("Linger: begun").Length);
        await host.KillAsync();
        Assert.Equal("The worker is gone.", (await first).Failure);
        while (host.Output.Split("Linger: begun").Length < 3) await Task.Delay(20);
        await host.KillAsync();
        Assert.Equal("The worker is gone.", (await second).Failure);
    }

    [Fact]
    public async Task An_invocation_that_is_out_of_time_is_cancelled_and_the_worker_lives()
    {
        await using var host = await FixtureHost.StartAsync(fixture, ("AzureFunctionsJobHost__functionTimeout", "00:00:02"));
        var worker = host.Host.WorkerId;
        var result = await host.Host.RunTimerAsync("Linger");
        Assert.True(result.TimedOut);
        await host.WaitForAsync("Linger: cancelled");
        Assert.True((await host.Host.RunTimerAsync("Succeed")).Succeeded);
        Assert.Equal(worker, host.Host.WorkerId);
    }

    [Fact]
    public async Task A_host_that_stops_cancels_what_runs_too_long()
    {
        await using var host = await FixtureHost.StartAsync(fixture.Folder, [], o => o with { InvocationStopTimeout = TimeSpan.FromSeconds(1) });
        var running = host.Host.RunTimerAsync("Linger");
        await host.WaitForAsync("Linger: begun");
        var stopped = host.Host.StopAsync();
        await Task.Delay(300);
        Assert.DoesNotContain("Linger: cancelled", host.Output, StringComparison.Ordinal);
        await stopped;
        Assert.True((await running).Succeeded);
        Assert.True(host.Output.IndexOf("Linger: cancelled", StringComparison.Ordinal) < host.Output.IndexOf("ApplicationStopping", StringComparison.Ordinal), host.Output);
    }

    [Fact]
    public async Task An_administrator_can_start_one_and_nobody_else()
    {
        await using var host = await StartAsync();
        using var none = await host.SendAsync("POST", "/admin/functions/Nobody");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        using var outside = await host.SendAsync("POST", "/Succeed");
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
        using var accepted = await host.SendAsync("POST", "/admin/functions/Succeed");
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        await host.WaitForAsync("Succeed:");
    }

    private Task<FixtureHost> StartAsync(params (string Name, string Value)[] settings) => FixtureHost.StartAsync(fixture.Folder, settings, timeProvider: _time);

    // The function logs what it was given.
    private static JsonElement Status(InvocationResult result)
    {
        Assert.Null(result.Failure);
        using var info = JsonDocument.Parse(Assert.Single(result.Logs)["Succeed: ".Length..]);
        return info.RootElement.GetProperty("ScheduleStatus").Clone();
    }
}
