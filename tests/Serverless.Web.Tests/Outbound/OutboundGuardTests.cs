using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Serverless.Web.Outbound;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Outbound;

/// <summary>
/// The guard before everything that goes out, with names that a test gives addresses to. The server speaks http, so hosts that are to be reached are allowed; what their names lead to
/// is looked at all the same.
/// </summary>
public sealed class OutboundGuardTests : IAsyncLifetime
{
    private const string Public = "93.184.216.34";

    private readonly WebApplication _server;
    private readonly List<string> _asked = [];

    public OutboundGuardTests()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task The_checked_address_is_the_one_that_is_connected_to_and_the_name_is_resolved_once()
    {
        var network = New().Name("keys.example", Public);
        Assert.Equal("hello", await GetAsync(network, "http://keys.example/hello", allow: "keys.example"));
        Assert.Equal([Public], network.Connected);
        Assert.Equal(["keys.example"], network.Resolved);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.1.2.3")]
    [InlineData("192.168.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("::1")]
    [InlineData("fd12::1")]
    [InlineData("fe80::1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("64:ff9b::a00:1")]
    [InlineData(Public + " 10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("fd00:ec2::254")]
    [InlineData("168.63.129.16")]
    [InlineData("0.0.0.0")]
    [InlineData("ff02::1")]
    public async Task A_name_that_leads_into_a_network_of_ones_own_is_refused_before_anybody_is_connected_to(string addresses)
    {
        var network = New().Name("keys.example", addresses);
        Assert.Contains("does not connect to keys.example", (await RefusedAsync(network, "https://keys.example/hello")).Message, StringComparison.Ordinal);
        Assert.Empty(network.Connected);
    }

    [Theory]
    [InlineData("https://127.0.0.1/hello")]
    [InlineData("https://2130706433/hello")]
    [InlineData("https://0x7f.1/hello")]
    [InlineData("https://0177.0.0.1/hello")]
    [InlineData("https://[::1]/hello")]
    [InlineData("https://[::ffff:169.254.169.254]/hello")]
    [InlineData("https://169.254.169.254/metadata/identity/oauth2/token")]
    public async Task An_address_in_place_of_a_name_is_looked_at_like_what_a_name_leads_to(string url)
    {
        var network = New();
        await RefusedAsync(network, url);
        Assert.Empty(network.Connected);
    }

    [Fact]
    public async Task A_host_that_is_allowed_may_be_in_ones_own_network_but_never_be_a_metadata_service()
    {
        var network = New().Name("keys.corp", "10.0.0.1", "169.254.169.254", "::ffff:168.63.129.16", "0.0.0.0");
        Assert.Equal("hello", await GetAsync(network, "http://keys.corp/hello", allow: "KEYS.corp"));
        for (var i = 0; i < 3; i++) Assert.Contains("address of no server", (await RefusedAsync(network, "http://keys.corp/hello", allow: "keys.corp")).Message, StringComparison.Ordinal);
        Assert.Equal(["10.0.0.1"], network.Connected);
        await RefusedAsync(network.Name("other.corp", "10.0.0.1"), "https://other.corp/hello", allow: "keys.corp");
        await RefusedAsync(network.Name("a.keys.corp", "10.0.0.1"), "https://a.keys.corp/hello", allow: "keys.corp");
    }

    [Fact]
    public async Task Without_TLS_only_hosts_that_are_allowed_are_asked()
    {
        var network = New().Name("keys.example", Public);
        Assert.Contains("without TLS", (await RefusedAsync(network, "http://keys.example/hello")).Message, StringComparison.Ordinal);
        Assert.Empty(network.Resolved);
    }

    // DNS rebinding: the first answer is public, the next one is not. Each connection decides anew.
    [Fact]
    public async Task A_name_that_means_something_else_at_the_next_connection_is_refused_there()
    {
        var network = New().Name("keys.example", Public, "169.254.169.254");
        using var client = Client(network, "keys.example");
        Assert.Equal("hello", await client.GetStringAsync(new Uri("http://keys.example/close")));
        Assert.Equal(["keys.example"], network.Resolved);
        var e = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri("http://keys.example/hello")));
        Assert.IsType<OutboundRefusedException>(e.InnerException);
        Assert.Equal([Public], network.Connected);
        Assert.Equal(["/close"], _asked);
    }

    [Theory]
    [InlineData("/to/evil.example")]
    [InlineData("/to/169.254.169.254")]
    [InlineData("/to/10.0.0.1")]
    public async Task A_redirect_into_a_network_of_ones_own_is_refused(string path)
    {
        var network = New().Name("keys.example", Public).Name("evil.example", "10.0.0.1");
        await RefusedAsync(network, "http://keys.example" + path, allow: "keys.example", redirects: 3);
        Assert.Equal([Public], network.Connected);
        Assert.Equal([path], _asked);
    }

    [Fact]
    public async Task A_redirect_takes_no_credentials_along_and_is_followed_only_where_it_is_expected()
    {
        var network = New().Name("keys.example", Public).Name("other.example", Public);
        using var client = Client(network, "keys.example other.example", redirects: 1);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://keys.example/to/other.example");
        request.Headers.Add("Authorization", "Bearer secret");
        using var answer = await client.SendAsync(request);
        Assert.Equal("none", await answer.Content.ReadAsStringAsync());
        using var stays = Client(network, "keys.example");
        using var moved = await stays.GetAsync(new Uri("http://keys.example/to/other.example"));
        Assert.Equal(System.Net.HttpStatusCode.Redirect, moved.StatusCode);
    }

    [Fact]
    public async Task The_next_address_is_tried_where_one_does_not_answer()
    {
        var network = New().Name("keys.example", "2606:4700::1111 " + Public);
        network.Dead.Add(System.Net.IPAddress.Parse("2606:4700::1111"));
        Assert.Equal("hello", await GetAsync(network, "http://keys.example/hello", allow: "keys.example"));
        Assert.Equal(["2606:4700::1111", Public], network.Connected);
    }

    [Fact]
    public async Task An_answer_without_end_or_that_never_comes_is_given_up()
    {
        var network = New().Name("keys.example", Public);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(network, "http://keys.example/endless", allow: "keys.example"));
        var watch = Stopwatch.StartNew();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => GetAsync(network, "http://keys.example/never", allow: "keys.example", seconds: 1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => GetAsync(network, "http://keys.example/slow", allow: "keys.example", seconds: 1));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), watch.Elapsed.ToString());
    }

    private FakeNetwork New() => new(_server.Urls.Single());

    private static HttpClient Client(FakeNetwork network, string? allow, int redirects = 0, int seconds = 60)
    {
        var allowed = (allow ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return new OutboundGuard(new OutboundSettings(allowed), network.Network).NewClient(new OutboundLimits(100_000, TimeSpan.FromSeconds(seconds)) { Redirects = redirects });
    }

    private static async Task<string> GetAsync(FakeNetwork network, string url, string? allow = null, int redirects = 0, int seconds = 60)
    {
        using var client = Client(network, allow, redirects, seconds);
        return await client.GetStringAsync(new Uri(url));
    }

    private static async Task<Exception> RefusedAsync(FakeNetwork network, string url, string? allow = null, int redirects = 0) =>
        Assert.IsType<OutboundRefusedException>((await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(network, url, allow, redirects))).InnerException);

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value!;
        lock (_asked) _asked.Add(path);
        if (path.StartsWith("/to/", StringComparison.Ordinal))
        {
            http.Response.Redirect($"http://{path[4..]}/credentials");
            return;
        }

        if (path == "/close") http.Response.Headers.Connection = "close";
        if (path == "/never") await Task.Delay(Timeout.Infinite, http.RequestAborted);
        for (var i = 0; (path == "/endless" || path == "/slow") && !http.RequestAborted.IsCancellationRequested; i++)
        {
            await http.Response.WriteAsync(path == "/slow" ? "x" : new string('x', 10_000), http.RequestAborted);
            if (path == "/slow") await Task.Delay(100, http.RequestAborted);
        }

        await http.Response.WriteAsync(path == "/credentials" ? http.Request.Headers.Authorization.Count == 0 ? "none" : "some" : "hello", http.RequestAborted);
    }
}
