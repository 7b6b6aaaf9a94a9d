using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Serverless.Web.Tests.Telemetry;

public abstract class MetricsTests(IStorageKind storage) : RegistryTest(storage)
{
    protected override string[] Settings => ["Redirect:Enabled=false"];

    [Fact]
    public async Task What_was_done_is_counted_by_family_and_never_by_name()
    {
        var manifest = await Registry.PrepareImageAsync("team/secret-project");
        await ExpectAsync(Registry.PutManifestAsync("team/secret-project", "v1", manifest), HttpStatusCode.Created);
        var blob = await Registry.PushBlobAsync("team/secret-project", RegistryServer.RandomBytes(5000));
        using var pull = await ExpectAsync(Registry.SendAsync("GET", $"/v2/team/secret-project/blobs/{blob}"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/team/secret-project/manifests/none"), HttpStatusCode.NotFound);
        await Registry.SendAsync("BREW1", "/v2/team/secret-project/manifests/none");
        await Registry.SendAsync("BREW2", "/secret/nowhere");

        var metrics = await ReadAsync();
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"GET\",url_scheme=\"http\",http_response_status_code=\"200\",http_route=\"/v2/{name}/blobs/{digest}\"}"]);
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"GET\",url_scheme=\"http\",http_response_status_code=\"404\",http_route=\"/v2/{name}/manifests/{reference}\"}"]);
        Assert.Equal(1, metrics["http_server_request_duration_seconds_count{http_request_method=\"_OTHER\",url_scheme=\"http\",http_response_status_code=\"404\"}"]);
        Assert.Equal(4, metrics["registry_uploads_total{registry_upload_form=\"post\"}"]);
        Assert.Equal(7100, metrics["registry_http_received_bytes_total{http_route=\"/v2/{name}/blobs/uploads/\"}"]);
        Assert.Equal(5000, metrics["registry_http_sent_bytes_total{http_route=\"/v2/{name}/blobs/{digest}\"}"]);
        // Four blobs, and the marker of the container.
        Assert.Equal(5, metrics["registry_storage_call_duration_seconds_count{registry_storage_service=\"objects\",registry_storage_operation=\"put\",registry_storage_outcome=\"answered\"}"]);
        Assert.Equal(1, metrics["http_server_active_requests{http_request_method=\"GET\"}"]);
        Assert.True(metrics["dotnet_process_memory_working_set_bytes"] > 1e6);
        Assert.True(metrics["process_uptime_seconds"] >= 0);
        Assert.Contains(metrics.Keys, k => k.StartsWith("dotnet_gc_collections_total{", StringComparison.Ordinal));
        Assert.DoesNotContain(metrics.Keys, k => k.Contains("secret", StringComparison.Ordinal) || k.Contains("sha256", StringComparison.Ordinal) || k.Contains("BREW", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Chunked_bodies_are_counted_as_they_are_read()
    {
        var location = await Registry.StartUploadAsync("app");
        using var request = new HttpRequestMessage(HttpMethod.Patch, location) { Content = new StreamContent(new MemoryStream(new byte[300_000])) };
        request.Headers.TransferEncodingChunked = true;
        using var answer = await Registry.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal(300_000, (await ReadAsync())["registry_http_received_bytes_total{http_route=\"/v2/{name}/blobs/uploads/{id}\"}"]);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_no_success()
    {
        var blob = await Registry.PushBlobAsync("app", RegistryServer.RandomBytes(20_000_000));
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(Registry.Client.BaseAddress!.Host, Registry.Client.BaseAddress.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /v2/app/blobs/{blob} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
            await client.GetStream().ReadExactlyAsync(new byte[100]);
            client.LingerState = new LingerOption(true, 0);
        }

        const string Broken = "http_server_request_duration_seconds_count{http_request_method=\"GET\",url_scheme=\"http\",http_response_status_code=\"200\",http_route=\"/v2/{name}/blobs/{digest}\",error_type=\"broken\"}";
        for (var i = 0; i < 100 && !(await ReadAsync()).ContainsKey(Broken); i++) await Task.Delay(20);
        Assert.Equal(1, (await ReadAsync())[Broken]);
    }

    [Fact]
    public async Task The_text_is_Prometheus_s()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/metrics"), HttpStatusCode.OK);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", Header(answer, "Content-Type"));
        using var head = await ExpectAsync(Registry.SendAsync("HEAD", "/metrics"), HttpStatusCode.OK);
        Assert.Equal(0, Registry.Probe.Counts.Table);
    }

    [Theory]
    [InlineData("GET", "X-Forwarded-For")]
    [InlineData("POST", "X-Forwarded-For")]
    [InlineData("GET", "Forwarded")]
    [InlineData("GET", "Via")]
    [InlineData("GET", "X-Real-IP")]
    public async Task Through_a_proxy_it_looks_as_if_there_were_no_such_path(string method, string header)
    {
        await using var registry = await StartAnotherAsync("ReadOnly=true");
        using var metrics = await registry.SendAsync(method, "/metrics", null, null, (header, "203.0.113.7"));
        using var nothing = await registry.SendAsync(method, "/nothing", null, null, (header, "203.0.113.7"));
        Assert.Equal(await DescribeAsync(nothing), await DescribeAsync(metrics));
        Assert.Equal((0, 0), registry.Probe.Counts);
    }

    [Theory]
    [InlineData("registry.example", HttpStatusCode.NotFound)]
    [InlineData("127.0.0.1.example", HttpStatusCode.NotFound)]
    [InlineData("localhost:5000", HttpStatusCode.OK)]
    [InlineData("[::1]:5000", HttpStatusCode.OK)]
    public async Task Who_comes_by_another_name_has_been_sent_here(string host, HttpStatusCode status) =>
        await ExpectAsync(Registry.SendAsync("GET", "/metrics", null, null, ("Host", host)), status);

    [Fact]
    public async Task Access_is_what_the_setting_says()
    {
        await using var open = await StartAnotherAsync("Metrics:Access=anyone", "Prefix=/registry");
        await ExpectAsync(open.SendAsync("GET", "/metrics", null, null, ("X-Forwarded-For", "203.0.113.7")), HttpStatusCode.OK);
        await using var closed = await StartAnotherAsync("Metrics:Access=nobody");
        await ExpectAsync(closed.SendAsync("GET", "/metrics"), HttpStatusCode.NotFound, "NAME_UNKNOWN");
    }

    private static async Task<string> DescribeAsync(HttpResponseMessage answer)
    {
        // But for the time and the id of the request.
        var headers = answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Date" or "X-Request-ID")).Select(h => $"{h.Key}: {string.Join(',', h.Value)}").Order();
        return $"{answer.StatusCode}\n{string.Join('\n', headers)}\n{await answer.Content.ReadAsStringAsync()}";
    }

    private async Task<Dictionary<string, double>> ReadAsync()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/metrics"), HttpStatusCode.OK);
        var lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#');
        return lines.Select(l => (Line: l, End: l.LastIndexOf(' '))).ToDictionary(l => l.Line[..l.End], l => double.Parse(l.Line[l.End..], CultureInfo.InvariantCulture), new AnyOrder());
    }
}

/// <summary>Series are the same whatever the order of their labels.</summary>
internal sealed class AnyOrder : IEqualityComparer<string>
{
    public bool Equals(string? x, string? y) => Sorted(x!) == Sorted(y!);

    public int GetHashCode(string obj) => Sorted(obj).GetHashCode(StringComparison.Ordinal);

    private static string Sorted(string series)
    {
        var begin = series.IndexOf('{', StringComparison.Ordinal);
        return begin < 0 ? series : series[..begin] + string.Join(",", series[(begin + 1)..^1].Split("\",").Select(l => l.TrimEnd('"')).Order(StringComparer.Ordinal));
    }
}

public sealed class MetricsTestsInMemory(InMemoryStorage storage) : MetricsTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class MetricsTestsOnAzurite(AzuriteStorage storage) : MetricsTests(storage);
