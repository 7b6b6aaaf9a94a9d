using System.Diagnostics;
using System.Net;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The worker's life: how it starts, what happens when it dies, how it ends.</summary>
[Collection(FixtureCollection.Name)]
public sealed class WorkerTests(PublishedFixture fixture)
{
    [Fact]
    public async Task A_worker_that_dies_is_replaced_and_the_next_request_waits_for_that()
    {
        await using var host = await FixtureHost.StartAsync(fixture);
        var first = host.Host.WorkerId;
        await host.KillAsync();
        using var answer = await host.SendAsync("GET", "/echo/a");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.NotEqual(first, host.Host.WorkerId);
    }

    [Fact]
    public async Task A_request_whose_worker_dies_fails()
    {
        await using var host = await FixtureHost.StartAsync(fixture);
        var hanging = host.SendAsync("GET", "/hang");
        await host.WaitForAsync("Hang: begun");
        await host.KillAsync();
        using var answer = await hanging;
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Fact]
    public async Task After_three_deaths_the_host_gives_up()
    {
        await using var host = await FixtureHost.StartAsync(fixture);
        for (var death = 1; death <= 3; death++)
        {
            using var answer = await host.SendAsync("GET", "/echo/a");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await host.KillAsync();
        }

        for (var i = 0; i < 200 && !host.Host.HasGivenUp; i++) await Task.Delay(20);
        using var last = await host.SendAsync("GET", "/echo/a");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, last.StatusCode);
    }

    [Fact]
    public async Task A_worker_that_ends_well_is_not_started_again()
    {
        await using var host = await FixtureHost.StartAsync(fixture);
        // One that is told to end before it has started fails.
        await host.WaitForAsync("Application started");
        using (var worker = Process.GetProcessById(host.Host.WorkerId))
        {
            using var terminate = Process.Start("kill", ["-TERM", $"{worker.Id}"]);
            await terminate.WaitForExitAsync();
            await worker.WaitForExitAsync();
        }

        using var answer = await host.SendAsync("GET", "/echo/a");
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Fact]
    public async Task A_host_that_stops_waits_for_the_request_in_flight_and_then_has_the_worker_end_by_itself()
    {
        await using var host = await FixtureHost.StartAsync(fixture);
        using var rest = new SemaphoreSlim(0);
        var upload = host.SendAsync("PUT", "/count", new SlowContent(new byte[100_000], rest, new byte[1], hasLength: false));
        await host.WaitForAsync("bytes so far");
        var stopped = host.Host.StopAsync();
        await Task.Delay(300);
        Assert.False(stopped.IsCompleted);
        Assert.DoesNotContain("ApplicationStopping", host.Output, StringComparison.Ordinal);
        rest.Release();
        using var answer = await upload;
        Assert.Equal("100001", await answer.Content.ReadAsStringAsync());
        await stopped;
        Assert.Contains("ApplicationStopping", host.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_outlasts_the_stop_is_broken_off()
    {
        await using var host = await FixtureHost.StartAsync(fixture.Folder, [], o => o with { StopTimeout = TimeSpan.FromSeconds(1) });
        var hanging = host.SendAsync("GET", "/hang");
        await host.WaitForAsync("Hang: begun");
        await host.Host.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => hanging);
    }

    [Fact]
    public async Task A_worker_that_does_not_end_is_killed_and_that_is_a_problem()
    {
        await using var host = await FixtureHost.StartAsync(fixture.Folder, [("Stubborn", "true")], o => o with { TerminateGracePeriod = TimeSpan.FromSeconds(2) }, expectsProblems: true);
        using var worker = Process.GetProcessById(host.Host.WorkerId);
        // Told to end before that, it would break off its start.
        await host.WaitForAsync("Application started");
        await host.Host.StopAsync();
        Assert.True(worker.HasExited);
        Assert.Contains("did not end", Assert.Single(host.Host.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_does_not_outlive_its_host()
    {
        Process worker;
        await using (var host = await FixtureHost.StartAsync(fixture)) worker = Process.GetProcessById(host.Host.WorkerId);
        using (worker) Assert.True(worker.HasExited);
    }
}
