using System.Net;
using System.Net.Sockets;
using Serverless.Testing;
using Xunit;

namespace Serverless.Server.Tests.Listening;

/// <summary>HTTP/2 without TLS.</summary>
public sealed class H2cTests
{
    private static readonly string[] s_settings = ["Http:Addresses:0=http://127.0.0.1:0", "Http:H2c=true"];

    [Fact]
    public async Task One_address_serves_both_versions()
    {
        await using var server = await ListeningServer.StartAsync(s_settings);
        using var client = new HttpClient();
        foreach (var version in (Version[])[HttpVersion.Version20, HttpVersion.Version11, HttpVersion.Version20])
        {
            using var answer = await SendAsync(client, server, HttpMethod.Get, "/v2/", version);
            Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version));
        }
    }

    [Fact]
    public async Task Layers_go_through_and_requests_share_a_connection()
    {
        await using var server = await ListeningServer.StartAsync([.. s_settings, "Redirect:Enabled=false"]);
        using var client = new HttpClient();
        var content = RegistryClient.RandomBytes(3_000_000);
        var digest = RegistryClient.DigestOf(content);
        using var pushed = await SendAsync(client, server, HttpMethod.Post, $"/v2/app/blobs/uploads/?digest={digest}", HttpVersion.Version20, content);
        Assert.Equal(HttpStatusCode.Created, pushed.StatusCode);
        var pulls = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var answer = await SendAsync(client, server, HttpMethod.Get, $"/v2/app/blobs/{digest}", HttpVersion.Version20);
            return RegistryClient.DigestOf(await answer.Content.ReadAsByteArrayAsync());
        }));
        Assert.All(pulls, pulled => Assert.Equal(digest, pulled));
    }

    [Fact]
    public async Task Without_the_setting_nobody_speaks_it()
    {
        await using var server = await ListeningServer.StartAsync("Http:Addresses:0=http://127.0.0.1:0");
        using var client = new HttpClient();
        await Assert.ThrowsAsync<HttpRequestException>(() => SendAsync(client, server, HttpMethod.Get, "/v2/", HttpVersion.Version20));
    }

    [Fact]
    public async Task A_connection_that_says_nothing_does_not_hold_up_the_end()
    {
        var server = await ListeningServer.StartAsync(s_settings);
        using var silent = new TcpClient();
        await silent.ConnectAsync(IPAddress.Loopback, server.Addresses[0].Port);
        using var half = new TcpClient();
        await half.ConnectAsync(IPAddress.Loopback, server.Addresses[0].Port);
        await half.Client.SendAsync("PRI *"u8.ToArray());
        using var client = new HttpClient();
        using var answer = await SendAsync(client, server, HttpMethod.Get, "/v2/", HttpVersion.Version20);
        await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(15));
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, ListeningServer server, HttpMethod method, string path, Version version, byte[]? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Addresses[0], path)) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        if (body is not null) request.Content = new ByteArrayContent(body);
        return await client.SendAsync(request);
    }
}
