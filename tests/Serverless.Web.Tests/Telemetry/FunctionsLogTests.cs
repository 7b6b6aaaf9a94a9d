using System.Net;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Telemetry;

/// <summary>What is logged and measured of requests below the Functions host, which tells of each itself.</summary>
public sealed class FunctionsLogTests
{
    private static readonly RegistryHost s_functions = new() { IsFunctions = true };

    [Fact]
    public async Task Every_line_of_a_request_carries_its_id_and_that_of_the_invocation()
    {
        await using var registry = await StartAsync("Auth:Mode=token", "PublicUrl=https://registry.example");
        var lines = registry.CaptureLogs();
        using var refused = await registry.SendAsync(
            "GET", "/v2/team/app/manifests/v1?password=opensesame", null, null, ("X-Request-Id", "client-1"), ("x-ms-invocation-id", "invocation-1"), ("Authorization", "Bearer opensesame"));
        Assert.Equal((HttpStatusCode.Unauthorized, "client-1"), (refused.StatusCode, refused.Headers.GetValues("X-Request-Id").Single()));
        await registry.DisposeAsync();

        // The decision on access, and the end.
        var ofRequest = lines.Where(l => l.Contains("RequestId:client-1 InvocationId:invocation-1", StringComparison.Ordinal)).ToList();
        Assert.Contains(ofRequest, l => l.Contains("Refused: ", StringComparison.Ordinal));
        Assert.Contains(ofRequest, l => l.Contains("GET /v2/{name}/manifests/{reference} team/app 401", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("opensesame", StringComparison.Ordinal));
    }

    [Fact]
    public async Task There_are_no_metrics_to_scrape_and_health_is_told()
    {
        await using var registry = await StartAsync("Auth:Mode=none", "Metrics:Access=anyone");
        using var metrics = await registry.SendAsync("GET", "/metrics");
        Assert.Equal(HttpStatusCode.NotFound, metrics.StatusCode);
        using var health = await registry.SendAsync("GET", "/healthz");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
    }

    private static Task<RegistryServer> StartAsync(params string[] settings)
    {
        var time = TimeProvider.System;
        return RegistryServer.StartAsync((new Registry.Storage.InMemory.InMemoryTableStore(time), new Registry.Storage.InMemory.InMemoryObjectStore(time)), time, null, s_functions, settings);
    }
}
