using System.Net;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>The timers, fired by the host: whatever happens, it gets an answer that it can work with.</summary>
[Collection(HostedCollection.Name)]
public sealed class HostedTimerTests(HostedFixture fixture)
{
    private static readonly string[] s_tasks = ["ApplyRetention", "CollectGarbage", "PurgeUploads", "Verify"];

    [Fact]
    public async Task Each_succeeds_and_says_what_it_did()
    {
        await using var registry = await fixture.StartAsync();
        await registry.PushBlobAsync("app", "of nobody"u8.ToArray());
        Assert.Equal(s_tasks, registry.Host.Timers.Order());
        foreach (var task in s_tasks)
        {
            // The second run has the times of the first in its payload.
            for (var run = 0; run < 2; run++)
            {
                var result = await registry.Host.RunTimerAsync(task);
                Assert.True(result.Succeeded, $"{task}: {result.Failure}");
                Assert.NotEmpty(Assert.Single(result.Logs));
            }
        }
    }

    [Fact]
    public async Task When_storage_fails_the_invocation_fails_and_tells_nothing_of_it()
    {
        await using var storage = await BrokenStorage.StartAsync(answers: true);
        await using var registry = await fixture.StartAsync(storage.Options);
        foreach (var task in s_tasks)
        {
            var result = await registry.Host.RunTimerAsync(task);
            Assert.StartsWith("The worker answered 500: {\"Outputs\":{},\"Logs\":[\"failed: ", result.Failure, StringComparison.Ordinal);
            Assert.DoesNotContain("devstoreaccount1", result.Failure, StringComparison.Ordinal);
        }

        // The worker lives, and its log says more.
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("GET", "/v2/")).StatusCode);
        Assert.Contains("CollectGarbage failed", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_task_that_is_out_of_its_own_time_succeeds_and_goes_on_with_the_next_run()
    {
        await using var storage = await BrokenStorage.StartAsync(answers: false);
        await using var registry = await fixture.StartAsync(storage.Options, ("Registry__Timers__TimeLimit", "00:00:01"));
        var worker = registry.Host.WorkerId;
        foreach (var task in s_tasks)
        {
            var result = await registry.Host.RunTimerAsync(task);
            Assert.Null(result.Failure);
            Assert.Equal("out of time; the rest comes with the next run", Assert.Single(result.Logs));
        }

        Assert.Equal(worker, registry.Host.WorkerId);
    }

    [Fact]
    public async Task A_task_that_is_out_of_the_hosts_time_does_not_cost_the_worker()
    {
        await using var storage = await BrokenStorage.StartAsync(answers: false);
        await using var registry = await fixture.StartAsync(storage.Options, ("AzureFunctionsJobHost__functionTimeout", "00:00:01"));
        var worker = registry.Host.WorkerId;
        var result = await registry.Host.RunTimerAsync("CollectGarbage");
        Assert.True(result.TimedOut);
        Assert.Equal(HttpStatusCode.OK, (await registry.SendAsync("GET", "/v2/")).StatusCode);
        Assert.Equal(worker, registry.Host.WorkerId);
    }

    [Fact]
    public async Task The_schedule_is_the_setting_that_function_json_names()
    {
        await using var registry = await fixture.StartAsync(("Registry__Timers__PurgeUploads__Schedule", "* * * * * *"));
        for (var i = 0; i < 200 && !registry.Output.Contains("PurgeUploads: 0 uploads", StringComparison.Ordinal); i++) await Task.Delay(50);
        Assert.Contains("PurgeUploads: 0 uploads", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("CollectGarbage:", registry.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/CollectGarbage")]
    [InlineData("/Verify")]
    public async Task Nobody_from_outside_reaches_one(string path)
    {
        await using var registry = await fixture.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("POST", path, "{}"u8.ToArray(), "application/json")).StatusCode);
        // Nor by way of a function that the host passes on, however it is spelled.
        foreach (var way in (string[])["/v2/..", "/v2/%2e%2e", "/v2/%252e%252e", "/v2/..%2f", "/v2/a/..;/..", "/v2/\\.."])
        {
            var target = new Uri(registry.Host.Url.GetLeftPart(UriPartial.Authority) + way + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
            using var request = new HttpRequestMessage(HttpMethod.Post, target) { Content = new ByteArrayContent("{}"u8.ToArray()) };
            using var answer = await registry.Client.SendAsync(request);
            Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{way}: {answer.StatusCode}");
        }

        Assert.DoesNotContain(path[1..] + ": ", registry.Output, StringComparison.Ordinal);
    }
}
