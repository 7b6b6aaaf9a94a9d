using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>What becomes of messages when the host stops or dies, and of functions that are switched off.</summary>
[Collection(FixtureCollection.Name)]
public sealed class QueueStopTests(PublishedFixture fixture, AzuriteServer azurite) : IClassFixture<AzuriteServer>
{
    [Fact]
    public async Task A_host_that_stops_waits_for_the_message_in_hand_and_takes_no_more()
    {
        var queue = await TestQueue.CreateAsync("Wait", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("2");
        await using var host = await StartAsync(queue, TimeSpan.FromSeconds(10));
        await host.WaitForAsync("Wait: 2 begun");
        var stopped = host.Host.StopAsync();
        await queue.Queue.SendMessageAsync("1");
        await stopped;
        Assert.Contains("Wait: 2 over", host.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Wait: 1 begun", host.Output, StringComparison.Ordinal);
        var left = Assert.Single((await queue.Queue.ReceiveMessagesAsync(32)).Value);
        Assert.Equal(("1", 1), (left.MessageText, left.DequeueCount));
    }

    [Theory]
    [InlineData("60")]
    [InlineData("-60")]
    public async Task A_message_that_takes_too_long_then_is_cancelled_and_counts_as_the_function_ends(string message)
    {
        var queue = await TestQueue.CreateAsync("Wait", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync(message);
        await using var host = await StartAsync(queue, TimeSpan.FromSeconds(1));
        await host.WaitForAsync($"Wait: {message} begun");
        await host.Host.StopAsync();
        if (message == "-60") await queue.WaitUntilEmptyAsync();
        else Assert.Equal(2, (await TestQueue.TakeAsync(queue.Queue)).DequeueCount);
        Assert.False(await queue.Poison.ExistsAsync());
    }

    [Fact]
    public async Task A_host_that_dies_leaves_the_message_out_of_sight_until_its_time_is_over()
    {
        var queue = await TestQueue.CreateAsync("Wait", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("60");
        await using (var host = await FixtureHost.StartAsync(fixture.Folder, queue.Settings(), o => o with { QueueVisibility = TimeSpan.FromSeconds(8) }))
        {
            await host.WaitForAsync("Wait: 60 begun");
        }

        Assert.Null((await queue.Queue.PeekMessageAsync()).Value);
        Assert.Equal(2, (await TestQueue.TakeAsync(queue.Queue)).DequeueCount);
    }

    [Theory]
    [InlineData("AzureWebJobs.Take.Disabled")]
    [InlineData("AzureWebJobs_Take_Disabled")]
    public async Task The_queue_of_a_disabled_function_is_left_alone(string setting)
    {
        var queue = await TestQueue.CreateAsync("Take", azurite.ConnectionString);
        await queue.Queue.SendMessageAsync("unseen");
        await using var host = await FixtureHost.StartAsync(fixture, queue.Settings((setting, "true")));
        await Task.Delay(1000);
        Assert.Empty(host.Host.Queues);
        Assert.Equal(0, (await queue.Queue.PeekMessageAsync()).Value.DequeueCount);
    }

    [Fact]
    public async Task Requests_and_timers_of_disabled_functions_go_nowhere()
    {
        await using var host = await FixtureHost.StartAsync(
            fixture, ("AzureWebJobs.OverlapWord.Disabled", "true"), ("AzureWebJobs.Named.Disabled", "1"), ("AzureWebJobs.Succeed.Disabled", "true"), ("SucceedSchedule", "* * * * * *"));
        using var disabled = await host.SendAsync("GET", "/names/abc");
        Assert.Equal(HttpStatusCode.NotFound, disabled.StatusCode);
        Assert.Equal(["Linger", "Throw"], host.Host.Timers.Order());
        using var command = await host.SendAsync("POST", "/admin/functions/Succeed");
        Assert.Equal(HttpStatusCode.NotFound, command.StatusCode);
        await Task.Delay(1500);
        Assert.DoesNotContain("Succeed:", host.Output, StringComparison.Ordinal);
    }

    private Task<FixtureHost> StartAsync(TestQueue queue, TimeSpan patience) => FixtureHost.StartAsync(fixture.Folder, queue.Settings(), o => o with { InvocationStopTimeout = patience });
}
