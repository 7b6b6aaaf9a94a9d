using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests.Telemetry;

/// <summary>What the executable prints of requests.</summary>
public sealed class RequestLogTests : IDisposable
{
    private readonly int _port = RegistryProcess.FreePort();
    private readonly HttpClient _client = new();

    public RequestLogTests() => _client.BaseAddress = new Uri($"http://127.0.0.1:{_port}");

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("has space")]
    [InlineData("has\"quote")]
    [InlineData("01234567890123456789012345678901234567890123456789012345678901234")]
    [InlineData("")]
    public async Task An_id_that_is_not_harmless_is_replaced_and_nobody_but_the_host_has_invocations(string id)
    {
        await using var registry = RegistryProcess.Start(["--urls", $"http://127.0.0.1:{_port}"], ("Registry__Storage__InMemory", "true"));
        await registry.WaitUntilReadyAsync(_client);
        using var answer = await SendAsync("/v2/", ("X-Request-Id", id), ("x-ms-invocation-id", "invocation-1"));
        var made = answer.Headers.GetValues("X-Request-Id").Single();
        Assert.Matches("^[0-9a-f]{32}$", made);
        Assert.Equal(0, await registry.TerminateAsync());
        Assert.Contains($"RequestId:{made} GET /v2/ - 200 in ", registry.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("invocation-1", registry.Output, StringComparison.Ordinal);
    }

    private async Task<HttpResponseMessage> SendAsync(string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        foreach (var (name, value) in headers) request.Headers.TryAddWithoutValidation(name, value);
        return await _client.SendAsync(request);
    }
}
