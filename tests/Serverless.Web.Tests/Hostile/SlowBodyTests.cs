using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Serverless.Web.Hosting;
using Serverless.Web.Settings;
using Serverless.Web.Tests.Auth;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>Connections that are held by saying little: half a request, or a drop of one now and then.</summary>
public sealed class SlowBodyTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    private const string Form = "POST /token HTTP/1.1\r\nHost: registry\r\nContent-Type: application/x-www-form-urlencoded\r\n";
    private const string Manifest = "PUT /v2/app/manifests/v1 HTTP/1.1\r\nHost: registry\r\nContent-Type: application/vnd.oci.image.index.v1+json\r\n";

    public static TheoryData<string, string> Halves => new()
    {
        { "Auth:Mode=token", Form + "Content-Length: 1000\r\n\r\ngrant_type=" },
        { "Auth:Mode=token", Form + "Transfer-Encoding: chunked\r\n\r\n5\r\ngrant" },
        { "Auth:Mode=token", Form.Replace("/token", "/oauth2/exchange", StringComparison.Ordinal) + "Content-Length: 1000\r\n\r\n" },
        { "Auth:Mode=none", Manifest + "Content-Length: 1000\r\n\r\n{" },
        { "Auth:Mode=none", Manifest + "Transfer-Encoding: chunked\r\n\r\n5\r\n{" },
    };

    [Theory]
    [MemberData(nameof(Halves))]
    public async Task A_body_of_which_no_more_comes_ends_its_request(string mode, string half)
    {
        await using var registry = await StartAnotherAsync(mode, "Connections:BodyTimeout=00:00:00.2");
        var lines = registry.CaptureLogs();
        for (var i = 0; i < 3; i++) await AssertTimedOutAsync(registry, half);
        // Nothing that somebody could fill a log with.
        Assert.DoesNotContain(lines, l => l.Contains("draining", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_body_that_comes_by_drops_ends_when_its_time_is_up()
    {
        await using var registry = await StartAnotherAsync("Connections:BodyTimeout=00:00:01");
        using var client = await ConnectAsync(registry, Manifest + "Content-Length: 100000\r\n\r\n");
        var answer = ReadAsync(client);
        while (!answer.IsCompleted)
        {
            // More than the server's lowest rate.
            await WriteAsync(client, new string(' ', 100));
            await Task.WhenAny(answer, Task.Delay(20));
        }

        Assert.StartsWith("HTTP/1.1 408 ", await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lowest_rate_holds_for_all_but_the_layers_of_those_who_may_push()
    {
        await using var registry = await RegistryServer.StartChangedAsync(Registry.Stores, Time, WithLeastPatience, null);
        var location = await registry.StartUploadAsync("app");
        using var upload = await ConnectAsync(registry, $"PATCH {location} HTTP/1.1\r\nHost: registry\r\nContent-Length: 10\r\n\r\n12345");
        await AssertTimedOutAsync(registry, Manifest + "Content-Length: 1000\r\n\r\n{");
        await WriteAsync(upload, "67890");
        Assert.StartsWith("HTTP/1.1 202 ", await ReadAsync(upload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_push_is_refused_without_a_byte_of_his_layer_being_waited_for()
    {
        await using var registry = await RegistryServer.StartAsync(Registry.Stores, Time, new TestAuthenticator("app:pull"), null);
        using var upload = await ConnectAsync(registry, "POST /v2/app/blobs/uploads/?digest=sha256:0 HTTP/1.1\r\nHost: registry\r\nContent-Length: 10\r\n\r\n12345");
        Assert.StartsWith("HTTP/1.1 403 ", await ReadAsync(upload), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_head_of_a_request_has_its_time()
    {
        await using var registry = await StartAnotherAsync("Connections:HeadersTimeout=00:00:00.5");
        using var client = await ConnectAsync(registry, "GET /v2/ HTTP/1.1\r\nHost: registry\r\nX-Slow: ");
        Assert.StartsWith("HTTP/1.1 408 ", await ReadAsync(client), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_connection_too_many_is_closed_and_others_are_served_again_when_some_have_ended()
    {
        await using var registry = await StartAnotherAsync("Connections:Max=2");
        const string Ping = "GET /v2/ HTTP/1.1\r\nHost: registry\r\n\r\n";
        using var first = await ConnectAsync(registry, Ping);
        Assert.StartsWith("HTTP/1.1 200 ", await ReadAsync(first), StringComparison.Ordinal);
        using (var second = await ConnectAsync(registry, Ping))
        {
            Assert.StartsWith("HTTP/1.1 200 ", await ReadAsync(second), StringComparison.Ordinal);
            using var third = await ConnectAsync(registry, Ping);
            Assert.Equal("", await ReadAsync(third));
        }

        for (var tries = 0; ; tries++)
        {
            Assert.True(tries < 100, "The place was not given to anybody else.");
            using var next = await ConnectAsync(registry, Ping);
            if ((await ReadAsync(next)).StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal)) break;
            await Task.Delay(50);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_limits_are_set_in_every_host(bool isFunctions)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("Registry:Storage:InMemory", "true"), new("Registry:Auth:Mode", "none")]).Build();
        using var services = new ServiceCollection().AddRegistry(configuration, new RegistryHost { IsFunctions = isFunctions }).BuildServiceProvider();
        var limits = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;
        Assert.Equal((4096, TimeSpan.FromSeconds(30)), (limits.MaxConcurrentConnections, limits.RequestHeadersTimeout));
        Assert.Equal((240, TimeSpan.FromSeconds(5)), (limits.MinRequestBodyDataRate?.BytesPerSecond, limits.MinRequestBodyDataRate?.GracePeriod));
    }

    // The server looks once a second.
    private static void WithLeastPatience(IServiceCollection services) =>
        services.PostConfigure<KestrelServerOptions>(options => options.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(1.1)));

    private static async Task AssertTimedOutAsync(RegistryServer registry, string half)
    {
        var answer = await RawRequest.SendAsync(registry, half);
        Assert.Equal(408, answer.Status);
        Assert.Contains("SIZE_INVALID", answer.Body, StringComparison.Ordinal);
    }

    private static async Task<TcpClient> ConnectAsync(RegistryServer registry, string beginning)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, registry.Client.BaseAddress!.Port);
        await WriteAsync(client, beginning);
        return client;
    }

    private static async Task WriteAsync(TcpClient client, string text)
    {
        try
        {
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
        }
        catch (IOException)
        {
            // What was answered before the connection was closed tells whether that was right.
        }
    }

    private static async Task<string> ReadAsync(TcpClient client)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[4096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, timeout.Token));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
