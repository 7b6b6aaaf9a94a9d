using System.Net;
using System.Net.Sockets;
using System.Text;
using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests;

/// <summary>How the executable ends: nothing new begins, and what has begun is finished.</summary>
public sealed class DrainTests : IDisposable
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(15);

    private readonly int _port = RegistryProcess.FreePort();
    private readonly HttpClient _client = new();

    public DrainTests() => _client.BaseAddress = new Uri($"http://127.0.0.1:{_port}");

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task An_upload_that_is_still_sending_is_finished_and_answered()
    {
        await using var registry = await StartInMemoryAsync();
        var content = new HeldContent(new byte[100_000], new byte[50_000]);
        var sending = SendChunkAsync(await StartUploadAsync(), content);
        await WaitForActiveAsync("PATCH");
        await registry.SignalAsync();
        await WaitUntilClosedAsync();
        Assert.False(sending.IsCompleted);
        content.Release();
        using var answer = await sending;
        Assert.Equal((HttpStatusCode.Accepted, "0-149999"), (answer.StatusCode, answer.Headers.GetValues("Range").Single()));
        // The client is told not to send another request this way.
        Assert.True(answer.Headers.ConnectionClose);
        Assert.Equal(0, await registry.WaitForExitAsync());
    }

    [Fact]
    public async Task A_download_is_finished_whole()
    {
        await using var registry = await StartInMemoryAsync(("Registry__Redirect__Enabled", "false"));
        var content = RegistryClient.RandomBytes(32 * 1024 * 1024);
        var digest = RegistryClient.DigestOf(content);
        using var pushed = await _client.PostAsync(new Uri($"/v2/app/blobs/uploads/?digest={digest}", UriKind.Relative), new ByteArrayContent(content));
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        using var answer = await _client.GetAsync(new Uri($"/v2/app/blobs/{digest}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await registry.SignalAsync();
        await WaitUntilClosedAsync();
        Assert.Equal(digest, RegistryClient.DigestOf(await answer.Content.ReadAsByteArrayAsync()));
        Assert.Equal(0, await registry.WaitForExitAsync());
    }

    [Fact]
    public async Task A_request_that_never_ends_is_given_up_when_its_time_is_over()
    {
        await using var registry = await StartInMemoryAsync(("Registry__Shutdown__Grace", "00:00:02"));
        var content = new HeldContent(new byte[1000], new byte[1000]);
        var sending = SendChunkAsync(await StartUploadAsync(), content);
        await WaitForActiveAsync("PATCH");
        var signalled = TimeProvider.System.GetTimestamp();
        await registry.SignalAsync();
        Assert.Equal(0, await registry.WaitForExitAsync());
        Assert.InRange(TimeProvider.System.GetElapsedTime(signalled), TimeSpan.FromSeconds(1.5), s_soon);
        content.Release();
        await Assert.ThrowsAsync<HttpRequestException>(() => sending.WaitAsync(s_soon));
    }

    [Fact]
    public async Task A_connection_that_waits_for_its_next_request_is_closed_at_once()
    {
        await using var registry = await StartInMemoryAsync();
        using var idle = new TcpClient();
        await idle.ConnectAsync(IPAddress.Loopback, _port);
        await idle.Client.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
        var buffer = new byte[4096];
        var answer = Encoding.ASCII.GetString(buffer, 0, await idle.Client.ReceiveAsync(buffer));
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Connection: close", answer, StringComparison.OrdinalIgnoreCase);
        await registry.SignalAsync();
        Assert.Equal(0, await idle.Client.ReceiveAsync(buffer).WaitAsync(s_soon));
        Assert.Equal(0, await registry.WaitForExitAsync());
    }

    private async Task<RegistryProcess> StartInMemoryAsync(params (string, string)[] settings)
    {
        var registry = RegistryProcess.Start(["--urls", $"http://127.0.0.1:{_port}"], [("Registry__Storage__InMemory", "true"), .. settings]);
        await registry.WaitUntilReadyAsync(_client);
        return registry;
    }

    private async Task<Uri> StartUploadAsync()
    {
        using var answer = await _client.PostAsync(new Uri("/v2/app/blobs/uploads/", UriKind.Relative), null);
        return answer.Headers.Location!;
    }

    private async Task<HttpResponseMessage> SendChunkAsync(Uri location, HeldContent content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, location) { Content = content };
        return await _client.SendAsync(request);
    }

    // That the server has the request, by its own account.
    private async Task WaitForActiveAsync(string method)
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            var metrics = await _client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
            if (metrics.Contains($"http_server_active_requests{{http_request_method=\"{method}\"}} 1\n", StringComparison.Ordinal)) return;
            await Task.Delay(25);
        }

        throw new TimeoutException("The request has not arrived.");
    }

    private async Task WaitUntilClosedAsync()
    {
        for (var attempt = 0; attempt < 200; attempt++)
        {
            using var probe = new TcpClient();
            try
            {
                await probe.ConnectAsync(IPAddress.Loopback, _port);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
            {
                return;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
            {
                // Nobody took it before the socket was closed, which the next one is told plainly.
            }

            await Task.Delay(25);
        }

        throw new TimeoutException("It still takes connections.");
    }
}
