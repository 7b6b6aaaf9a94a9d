using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Serverless.Server;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Hostile;

/// <summary>Sites whose names lead to somebody's own machine, and proxies that nobody has told of.</summary>
public sealed class HostNameTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:5000")]
    [InlineData("registry.localhost:5000")]
    [InlineData("localhost.:5000")]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.8.7:80")]
    [InlineData("[::1]:5000")]
    public async Task An_open_registry_on_loopback_answers_by_names_of_loopback(string host)
    {
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: ("Host", host)), HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("attacker.example")]
    [InlineData("attacker.example:5000")]
    [InlineData("localhost.attacker.example")]
    [InlineData("notlocalhost")]
    [InlineData("127.0.0.1.attacker.example")]
    [InlineData("192.168.1.2:5000")]
    [InlineData("[::2]:5000")]
    public async Task It_answers_by_no_other_name(string host)
    {
        var before = await SnapshotAsync();
        foreach (var (method, path) in ((string, string)[])[("GET", "/v2/"), ("GET", "/v2/_catalog"), ("POST", "/v2/app/blobs/uploads/"), ("DELETE", "/v2/app/manifests/v1"), ("GET", "/"), ("GET", "/healthz"), ("OPTIONS", "/v2/")])
        {
            using var refused = await ExpectAsync(Registry.SendAsync(method, path, headers: ("Host", host)), HttpStatusCode.MisdirectedRequest, "DENIED");
            Assert.Equal("nosniff", Header(refused, "X-Content-Type-Options"));
        }

        Assert.Equal(before, await SnapshotAsync());
    }

    [Theory]
    [InlineData("GET http://attacker.example/v2/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 421)]
    [InlineData("GET http://localhost/v2/ HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n", 200)]
    [InlineData("GET /v2/ HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 421)]
    public async Task The_name_is_that_of_the_target_where_it_has_one(string request, int status) => Assert.Equal(status, (await RawRequest.SendAsync(Registry, request)).Status);

    [Fact]
    public async Task Names_can_be_allowed_and_that_of_the_public_address_is()
    {
        await using var registry = await StartAnotherAsync("AllowedHosts:5=build.example", "PublicUrl=https://registry.team.example");
        foreach (var host in (string[])["build.example", "BUILD.example:5000", "registry.team.example"]) await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: ("Host", host)), HttpStatusCode.OK);
        await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: ("Host", "attacker.example")), HttpStatusCode.MisdirectedRequest, "DENIED");
    }

    [Theory]
    [InlineData("--urls=http://*:0", "Auth:Mode=none", HttpStatusCode.OK)]
    [InlineData("--urls=http://127.0.0.1:0;http://*:0", "Auth:Mode=none", HttpStatusCode.OK)]
    [InlineData("--urls=http://[::1]:0;http://127.0.0.1:0", "Auth:Mode=none", HttpStatusCode.MisdirectedRequest)]
    [InlineData("--urls=http://127.0.0.1:0", "Auth:Mode=token", HttpStatusCode.Unauthorized)]
    public async Task Only_where_nobody_signs_in_and_nobody_else_can_connect(string urls, string mode, HttpStatusCode status)
    {
        var app = ServerApp.Create([urls, "--Registry:Storage:InMemory=true", "--Registry:" + mode, "--Logging:LogLevel:Default=Error"]);
        await app.StartAsync();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(app.Urls.First().Replace("[::]", "127.0.0.1", StringComparison.Ordinal) + "/v2/"));
        request.Headers.Host = "attacker.example";
        using var answer = await client.SendAsync(request);
        Assert.Equal(status, answer.StatusCode);
        await app.StopAsync();
        await app.DisposeAsync();
    }

    [Theory]
    [InlineData("AllowedHosts:0", "https://build.example")]
    [InlineData("AllowedHosts:0", "build.example:5000")]
    [InlineData("AllowedHosts:0", "*")]
    public void A_name_that_could_never_come_is_a_problem(string key, string value)
    {
        var e = Assert.Throws<SettingsException>(() => ServerApp.Create(["--Registry:Storage:InMemory=true", $"--Registry:{key}={value}"]));
        Assert.Contains("a host name or an IP address without a port", Assert.Single(e.Problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "--urls=http://*:0", "Auth:Mode=token")]
    [InlineData(false, "--urls=http://127.0.0.1:0", "Auth:Mode=token")]
    [InlineData(true, "--urls=http://127.0.0.1:0", "Auth:Mode=token", "Auth:Proxies=1")]
    [InlineData(false, "--urls=http://127.0.0.1:0", "Auth:Mode=token", "Auth:Proxies=1", "PublicUrl=https://registry.example")]
    [InlineData(false, "--urls=http://*:0", "Auth:Mode=token", "PublicUrl=https://registry.example")]
    [InlineData(false, "--urls=http://*:0", "Auth:Mode=none")]
    public async Task Whoever_sends_clients_to_sign_in_somewhere_that_he_has_not_chosen_is_warned(bool warned, string urls, params string[] settings)
    {
        var lines = await LogOfStartAsync([urls, .. settings.Select(s => "--Registry:" + s)]);
        Assert.Equal(warned, lines.Any(l => l.StartsWith("Registry:PublicUrl is not set", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(1, "Auth:Mode=token")]
    [InlineData(1, "Auth:Mode=token", "Auth:Proxies=0")]
    [InlineData(0, "Auth:Mode=token", "Auth:Proxies=1")]
    [InlineData(0, "Auth:Mode=none")]
    public async Task A_proxy_that_nobody_has_told_of_is_warned_of_once(int count, params string[] settings)
    {
        await using var registry = await StartAnotherAsync(settings);
        var lines = registry.CaptureLogs();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await registry.SendAsync("GET", "/v2/", headers: ("X-Forwarded-For", "203.0.113.7"));
        }

        Assert.Equal(count, lines.Count(l => l.StartsWith("A request came with X-Forwarded-For", StringComparison.Ordinal)));
    }

    private static async Task<IReadOnlyCollection<string>> LogOfStartAsync(string[] args)
    {
        using var capture = new LogCapture();
        await using var app = ServerApp.Create(
            ["--Registry:Storage:InMemory=true", "--Logging:LogLevel:Default=Warning", .. args],
            services => services.AddSingleton<ILoggerProvider>(capture));
        await app.StartAsync();
        await app.StopAsync();
        return capture.Lines;
    }
}
