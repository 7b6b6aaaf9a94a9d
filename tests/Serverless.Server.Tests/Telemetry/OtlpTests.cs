using System.Net;
using System.Text;
using Serverless.AzureStorage.Development;
using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests.Telemetry;

public sealed class OtlpTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";

    private readonly int _port = RegistryProcess.FreePort();

    [Fact]
    public async Task What_happened_is_sent_before_the_process_ends()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var log = await RunAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address));
        // The lines of a request name its trace.
        Assert.Contains(TraceId, log, StringComparison.Ordinal);

        var traces = receiver.Received("/v1/traces");
        Assert.Contains(Encoding.Latin1.GetString(Convert.FromHexString(TraceId)), traces, StringComparison.Ordinal);
        foreach (var text in (string[])["watched-registry", "team-a", "POST /v2/{name}/blobs/uploads/", "team/app", "objects put", "tables batch", "CollectGarbage"])
        {
            Assert.Contains(text, traces, StringComparison.Ordinal);
        }

        var metrics = receiver.Received("/v1/metrics");
        foreach (var text in (string[])["watched-registry", "http.server.request.duration", "/v2/{name}/blobs/uploads/", "registry.storage.call.duration", "registry.uploads", "registry.maintenance.duration", "dotnet.gc.collections"])
        {
            Assert.Contains(text, metrics, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("team/app", metrics, StringComparison.Ordinal);
        foreach (var secret in (string[])["sha256:", "opensesame"]) Assert.DoesNotContain(secret, metrics + traces, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("Nothing")]
    public async Task What_a_client_says_of_its_trace_does_not_go_on_to_storage(string variable)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var port = new Uri(receiver.Address).Port;
        await using var registry = RegistryProcess.Start(
            [$"--urls=http://127.0.0.1:{_port}"],
            (variable, receiver.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("Registry__Storage__ConnectionString", AzuriteProcess.ConnectionString(port, port)),
            ("Logging__LogLevel__Microsoft.AspNetCore.Hosting.Diagnostics", "Information"));
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        await registry.WaitUntilReadyAsync(client);
        using var pull = new HttpRequestMessage(HttpMethod.Get, new Uri("/v2/app/manifests/v1", UriKind.Relative));
        pull.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        pull.Headers.TryAddWithoutValidation("tracestate", "vendor=of-a-stranger");
        using var answer = await client.SendAsync(pull);
        var toStorage = receiver.Headers.Where(h => h.Path.StartsWith("/devstoreaccount1", StringComparison.Ordinal)).Select(h => h.Header).ToHashSet();
        Assert.Contains("x-ms-version", toStorage);
        Assert.DoesNotContain("tracestate", toStorage);
    }

    [Fact]
    public async Task What_is_not_asked_for_is_not_sent()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await RunAsync(("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address), ("OTEL_TRACES_EXPORTER", "none"));
        Assert.Empty(receiver.Received("/v1/traces"));
        Assert.NotEmpty(receiver.Received("/v1/metrics"));
    }

    private static async Task<string> RunAsync(params (string, string)[] environment)
    {
        var port = RegistryProcess.FreePort();
        await using var registry = RegistryProcess.Start(
            ["--urls", $"http://127.0.0.1:{port}"],
            [
                ("Registry__Storage__InMemory", "true"), ("Registry__Timers__CollectGarbage__Interval", "00:00:00.1"),
                ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_SERVICE_NAME", "watched-registry"), ("OTEL_RESOURCE_ATTRIBUTES", "team=team-a"),
                .. environment,
            ]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await registry.WaitUntilReadyAsync(client);
        var digest = RegistryClient.DigestOf([1, 2, 3]);
        using var push = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v2/team/app/blobs/uploads/?digest={digest}&password=opensesame", UriKind.Relative)) { Content = new ByteArrayContent([1, 2, 3]) };
        push.Headers.TryAddWithoutValidation("traceparent", $"00-{TraceId}-b7ad6b7169203331-01");
        using var pushed = await client.SendAsync(push);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        for (var attempt = 0; attempt < 100 && !registry.Output.Contains("CollectGarbage: ", StringComparison.Ordinal); attempt++) await Task.Delay(50);
        Assert.Equal(0, await registry.TerminateAsync());
        return registry.Output;
    }
}
