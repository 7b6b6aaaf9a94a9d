using System.Net;
using System.Text.Json;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>Which function a request goes to, and what the worker sees of its head.</summary>
[Collection(FixtureCollection.Name)]
public sealed class TargetTests(PublishedFixture fixture, SharedHost shared) : IClassFixture<SharedHost>
{
    private readonly FixtureHost _host = shared.Host;

    [Fact]
    public async Task The_path_is_decoded_and_encoded_again()
    {
        foreach (var (sent, path, rawTarget) in ((string, string, string)[])[
            ("/echo/A//b/", "/echo/A//b/", "/echo/A//b/"),
            ("/echo/sha256%3Aab", "/echo/sha256:ab", "/echo/sha256:ab"),
            ("/echo/a/../b/./c", "/echo/b/c", "/echo/b/c"),
            ("/echo/a%2Fb", "/echo/a%2Fb", "/echo/a%252Fb"),
            ("/echo/a?q=<\">&r=%3a", "/echo/a", "/echo/a?q=%3C%22%3E&r=%3a"),
        ])
        {
            var seen = await _host.EchoAsync("GET", sent);
            Assert.Equal((path, rawTarget), (seen.GetProperty("path").GetString(), seen.GetProperty("rawTarget").GetString()));
        }
    }

    [Fact]
    public async Task What_fits_no_function_is_answered_by_the_host_without_a_body()
    {
        foreach (var (method, target, status) in ((string, string, HttpStatusCode)[])[
            ("GET", "/echo//", HttpStatusCode.NotFound),
            ("GET", "//echo/a", HttpStatusCode.NotFound),
            ("GET", "/echo/%00", HttpStatusCode.BadRequest),
            ("GET", "/nothing", HttpStatusCode.NotFound),
            ("OPTIONS", "/echo/a", HttpStatusCode.NotFound),
            ("GET", "/names/TOO-LONG", HttpStatusCode.NotFound),
            ("GET", "/admin/host/status", HttpStatusCode.NotFound),
            ("POST", "/runtime/webhooks", HttpStatusCode.NotFound),
        ])
        {
            using var answer = await _host.SendAsync(method, target);
            Assert.Equal((target, status, 0), (target, answer.StatusCode, (await answer.Content.ReadAsByteArrayAsync()).Length));
        }
    }

    [Fact]
    public async Task The_values_of_the_route_reach_the_function()
    {
        Assert.Equal("abc abc", await _host.Client.GetStringAsync(new Uri("/names/abc", UriKind.Relative)));
    }

    [Fact]
    public async Task A_request_that_fits_two_functions_goes_to_the_first_name_and_is_a_problem()
    {
        await using var host = await FixtureHost.StartAsync(fixture.Folder, [], expectsProblems: true);
        Assert.Equal("OverlapAny", await host.Client.GetStringAsync(new Uri("/overlap/abc", UriKind.Relative)));
        Assert.Equal("GET /overlap/abc fits OverlapAny, OverlapWord", Assert.Single(host.Host.Problems));
    }

    [Fact]
    public async Task Forwarded_headers_are_the_hosts_own_and_all_others_pass()
    {
        var seen = await _host.EchoAsync(
            "GET", "/echo/a", null, ("X-Forwarded-For", "203.0.113.1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.example"),
            ("Host", "registry.example:8443"), ("CLIENT-IP", "198.51.100.2:1234"), ("Authorization", "Basic YTpi"), ("X-Other", "other"), ("x-ms-invocation-id", "mine"));
        var headers = seen.GetProperty("headers");
        // The worker's library has used up the forwarded ones: they are what the request says of itself.
        Assert.Equal(SharedHost.FrontEnd, seen.GetProperty("peer").GetString());
        Assert.Equal("http://registry.example:8443/echo/a", seen.GetProperty("url").GetString());
        Assert.Equal("198.51.100.2:1234", Header(headers, "CLIENT-IP"));
        Assert.Equal("Basic YTpi", Header(headers, "Authorization"));
        Assert.Equal("other", Header(headers, "X-Other"));
        Assert.True(Guid.TryParse(Header(headers, "x-ms-invocation-id"), out _));
        Assert.DoesNotContain("evil.example", headers.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.1", headers.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true", HttpStatusCode.NoContent)]
    [InlineData("false", HttpStatusCode.OK)]
    public async Task The_root_is_the_hosts(string disabled, HttpStatusCode status)
    {
        await using var host = await FixtureHost.StartAsync(fixture, ("AzureWebJobsDisableHomepage", disabled));
        using var answer = await host.SendAsync("GET", "/");
        Assert.Equal(status, answer.StatusCode);
    }

    private static string? Header(JsonElement headers, string name) => headers.TryGetProperty(name, out var value) ? value.GetString() : null;
}
