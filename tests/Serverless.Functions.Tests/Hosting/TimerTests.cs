using System.Net;
using System.Text;
using Xunit;

namespace Serverless.Functions.Tests.Hosting;

/// <summary>The timer functions, as the Functions host calls them.</summary>
public sealed class TimerTests : IAsyncLifetime, IDisposable
{
    private const string Payload = """{"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}},"Metadata":{"sys":{"MethodName":"CollectGarbage"}}}""";

    private readonly int _port = RegistryProcess.FreePort();
    private RegistryProcess _registry = null!;
    private readonly HttpClient _client = new();

    public async Task InitializeAsync()
    {
        _registry = RegistryProcess.Start(
            [], ("FUNCTIONS_CUSTOMHANDLER_PORT", $"{_port}"), ("Registry__Storage__InMemory", "true"), ("Registry__Auth__Mode", "none"));
        _client.BaseAddress = new Uri($"http://127.0.0.1:{_port}");
        await _registry.WaitUntilReadyAsync(_client);
    }

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData("CollectGarbage", "repositories reviewed")]
    [InlineData("PurgeUploads", "purged")]
    [InlineData("ApplyRetention", "0 of 0 tags")]
    [InlineData("Verify", "0 findings in 0 objects")]
    public async Task A_timer_is_answered_as_the_host_expects(string name, string log)
    {
        using var answer = await CallAsync(name);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("{\"Outputs\":{},\"Logs\":[\"", body, StringComparison.Ordinal);
        Assert.Contains(log, body, StringComparison.Ordinal);
        Assert.EndsWith("\"],\"ReturnValue\":null}", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Forwarded-For", "203.0.113.7")]
    [InlineData("X-Forwarded-Host", "registry.example")]
    [InlineData("Forwarded", "for=203.0.113.7")]
    public async Task What_the_host_passes_on_from_outside_reaches_no_timer(string header, string value)
    {
        using var answer = await CallAsync("CollectGarbage", (header, value));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_name_that_is_no_timer_is_not_found()
    {
        using var answer = await CallAsync("CollectEverything");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        using var get = await _client.GetAsync(new Uri("/CollectGarbage", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, get.StatusCode);
    }

    private async Task<HttpResponseMessage> CallAsync(string name, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/" + name, UriKind.Relative)) { Content = new StringContent(Payload, Encoding.UTF8, "application/json") };
        foreach (var header in headers) request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        return await _client.SendAsync(request);
    }
}
