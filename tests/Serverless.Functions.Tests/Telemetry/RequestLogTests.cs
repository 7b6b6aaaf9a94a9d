using System.Net;
using System.Text.Json;
using Serverless.Functions.Tests.Hosting;
using Xunit;

namespace Serverless.Functions.Tests.Telemetry;

/// <summary>What the executable prints of requests.</summary>
public sealed class RequestLogTests : IDisposable
{
    private readonly int _port = RegistryProcess.FreePort();
    private readonly HttpClient _client = new();

    public RequestLogTests() => _client.BaseAddress = new Uri($"http://127.0.0.1:{_port}");

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("x-ms-invocation-id")]
    [InlineData("X-Azure-Functions-InvocationId")]
    public async Task Under_the_Functions_host_every_line_of_a_request_carries_its_id_and_that_of_the_invocation(string header)
    {
        await using var registry = RegistryProcess.Start(
            [],
            ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{_port}"), ("Registry__Storage__InMemory", "true"), ("Registry__Auth__Mode", "token"), ("Registry__PublicUrl", "https://registry.example"),
            ("Logging__LogLevel__Serverless.Functions.Telemetry.RequestObserver", "Debug"));
        await registry.WaitUntilReadyAsync(_client);
        using var refused = await SendAsync("/v2/team/app/manifests/v1?password=opensesame", ("X-Request-Id", "client-1"), (header, "invocation-1"), ("Authorization", "Bearer opensesame"));
        Assert.Equal((HttpStatusCode.Unauthorized, "client-1"), (refused.StatusCode, refused.Headers.GetValues("X-Request-Id").Single()));
        Assert.Equal(0, await registry.TerminateAsync());

        var lines = registry.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        var ofRequest = lines.Where(l => Scoped(l, "RequestId") == "client-1").ToList();
        Assert.All(ofRequest, l => Assert.Equal("invocation-1", Scoped(l, "InvocationId")));
        // The decision on access, and the end.
        Assert.Contains(ofRequest, l => l.GetProperty("Category").GetString() == "Serverless.Functions.Auth.AuditLog");
        var state = Assert.Single(ofRequest, l => l.GetProperty("EventId").GetInt32() == 1).GetProperty("State");
        Assert.Equal(
            ("GET", "/v2/{name}/manifests/{reference}", "team/app", "401"),
            (state.GetProperty("Method").GetString(), state.GetProperty("Route").GetString(), state.GetProperty("Repository").GetString(), state.GetProperty("Status").ToString()));
        Assert.True(state.TryGetProperty("Duration", out _) && state.TryGetProperty("BytesIn", out _) && state.TryGetProperty("BytesOut", out _));
        Assert.DoesNotContain("opensesame", registry.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Under_the_Functions_host_there_are_no_metrics_to_scrape_and_the_host_alone_tells_of_requests()
    {
        await using var registry = RegistryProcess.Start(
            [], ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{_port}"), ("Registry__Storage__InMemory", "true"), ("Registry__Auth__Mode", "none"), ("Registry__Metrics__Access", "anyone"));
        await registry.WaitUntilReadyAsync(_client);
        using var metrics = await SendAsync("/metrics");
        Assert.Equal(HttpStatusCode.NotFound, metrics.StatusCode);
        using var health = await SendAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        // Nothing of it is loaded where nobody has asked for it: a cold start counts.
        Assert.DoesNotContain("OpenTelemetry", await File.ReadAllTextAsync($"/proc/{registry.Id}/maps"), StringComparison.Ordinal);
        using var tags = await SendAsync("/v2/app/tags/list");
        Assert.Equal(0, await registry.TerminateAsync());
        Assert.DoesNotContain("tags/list", registry.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("has space")]
    [InlineData("has\"quote")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    [InlineData("")]
    public async Task An_id_that_is_not_harmless_is_replaced_and_nobody_but_the_host_has_invocations(string id)
    {
        await using var registry = RegistryProcess.Start(["--urls", $"http://127.0.0.1:{_port}"], ("Registry__Storage__InMemory", "true"));
        await registry.WaitUntilReadyAsync(_client);
        using var answer = await SendAsync("/v2/", ("X-Request-Id", id), ("X-Azure-Functions-InvocationId", "invocation-1"));
        var made = answer.Headers.GetValues("X-Request-Id").Single();
        Assert.Matches("^[0-9a-f]{32}$", made);
        Assert.Equal(0, await registry.TerminateAsync());
        Assert.Contains($"RequestId:{made} GET /v2/ - 200 in ", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("invocation-1", registry.Output, StringComparison.Ordinal);
    }

    private static string? Scoped(JsonElement line, string name) =>
        line.TryGetProperty("Scopes", out var scopes)
            ? scopes.EnumerateArray().Where(s => s.ValueKind == JsonValueKind.Object && s.TryGetProperty(name, out _)).Select(s => s.GetProperty(name).GetString()).SingleOrDefault()
            : null;

    private async Task<HttpResponseMessage> SendAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request);
    }
}
