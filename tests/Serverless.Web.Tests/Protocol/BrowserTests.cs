using System.Net;
using Serverless.Registry.Oci;
using Serverless.Server;
using Serverless.Testing;
using Serverless.Web.Settings;
using Serverless.Web.Tests.Auth;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>What browsers are told: of content that is not a page, of answers that are not everybody's, and of pages that may read them.</summary>
public sealed class BrowserTests(InMemoryStorage storage) : RegistryTest(storage), IClassFixture<InMemoryStorage>
{
    private const string Page = "https://ui.example";

    // In the order in which this client tells of it.
    private const string Private = "no-cache, private";

    private static readonly byte[] s_content = RegistryServer.RandomBytes(50);

    public static TheoryData<string, string, string> Reads => new()
    {
        { "GET", "/v2/app/manifests/v1", Private },
        { "HEAD", "/v2/app/manifests/v1", Private },
        { "GET", "/v2/app/manifests/missing", Private },
        { "GET", "/v2/app/tags/list", Private },
        { "GET", $"/v2/app/referrers/{RegistryServer.DigestOf(s_content)}", Private },
        { "GET", "/v2/_catalog", Private },
        { "HEAD", $"/v2/app/blobs/{RegistryServer.DigestOf(s_content)}", Private },
        // The address is a right of its own.
        { "GET", $"/v2/app/blobs/{RegistryServer.DigestOf(s_content)}", "no-store" },
    };

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/healthz")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/nowhere")]
    [InlineData("GET", "/v2/")]
    [InlineData("GET", "/v2/_catalog?n=x")]
    [InlineData("GET", "/v2/app/manifests/v1")]
    [InlineData("HEAD", "/v2/app/manifests/v1")]
    [InlineData("GET", "/v2/app/manifests/missing")]
    [InlineData("GET", "/v2/App/manifests/v1")]
    [InlineData("BREW", "/v2/app/manifests/v1")]
    [InlineData("OPTIONS", "/v2/")]
    [InlineData("PUT", "/v2/app/manifests/v2")]
    [InlineData("POST", "/v2/app/blobs/uploads/")]
    [InlineData("GET", "blob")]
    public async Task No_answer_is_taken_for_a_page(string method, string path)
    {
        await PushAsync();
        using var answer = await Registry.SendAsync(method, path == "blob" ? $"/v2/app/blobs/{RegistryServer.DigestOf(s_content)}" : path);
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Equal("default-src 'none'", Header(answer, "Content-Security-Policy"));
    }

    [Fact]
    public async Task Nor_is_one_that_the_registry_fails_to_give()
    {
        Registry.Probe.FailAt(0, StorageFault.CrashBefore);
        using var bug = await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.InternalServerError, "UNKNOWN");
        Assert.Equal("nosniff", Header(bug, "X-Content-Type-Options"));
        Assert.Equal("default-src 'none'", Header(bug, "Content-Security-Policy"));
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task What_not_everybody_may_read_is_kept_by_no_shared_cache(string method, string path, string control)
    {
        await PushAsync();
        await using var registry = await RegistryServer.StartAsync(Registry.Stores, Time, new TestAuthenticator("*:*", "registry:catalog:*"), null);
        using var answer = await registry.SendAsync(method, path);
        Assert.Equal(control, Header(answer, "Cache-Control"));
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task What_everybody_may_read_says_nothing_of_it(string method, string path, string control)
    {
        await PushAsync();
        using var answer = await Registry.SendAsync(method, path);
        Assert.Equal(control == "no-store" ? control : "", Header(answer, "Cache-Control"));
    }

    [Fact]
    public async Task Bytes_that_are_served_here_are_no_more_everybodys()
    {
        await PushAsync();
        await using var registry = await RegistryServer.StartAsync(Registry.Stores, Time, new TestAuthenticator("*:*"), null, "Redirect:Enabled=false");
        using var answer = await ExpectAsync(registry.SendAsync("GET", $"/v2/app/blobs/{RegistryServer.DigestOf(s_content)}"), HttpStatusCode.OK);
        Assert.Equal(Private, Header(answer, "Cache-Control"));
    }

    [Fact]
    public async Task A_page_of_an_allowed_origin_may_ask_beforehand_without_signing_in()
    {
        await using var registry = await StartAnotherAsync("Auth:Mode=token", $"Cors:Origins:0={Page}");
        foreach (var path in (string[])["/v2/", "/v2/app/manifests/v1", "/v2/app/blobs/uploads/", "/token"])
        {
            using var answer = await ExpectAsync(registry.SendAsync("OPTIONS", path, headers: Preflight(Page)), HttpStatusCode.NoContent);
            Assert.Equal(Page, Header(answer, "Access-Control-Allow-Origin"));
            Assert.Contains("PATCH", Header(answer, "Access-Control-Allow-Methods"), StringComparison.Ordinal);
            Assert.Equal("authorization,content-range", Header(answer, "Access-Control-Allow-Headers"));
            Assert.Equal("600", Header(answer, "Access-Control-Max-Age"));
            Assert.Equal("", Header(answer, "Access-Control-Allow-Credentials"));
            Assert.Equal("Origin", Header(answer, "Vary"));
        }

        Assert.Equal((0, 0), registry.Probe.Counts);
    }

    [Fact]
    public async Task It_may_read_what_clients_go_by_errors_included()
    {
        await PushAsync();
        await using var registry = await StartAnotherAsync($"Cors:Origins:0={Page}", "Cors:Origins:1=http://localhost:3000");
        foreach (var path in (string[])["/v2/app/manifests/v1", "/v2/app/manifests/missing", "/v2/app/tags/list", "/nowhere"])
        {
            foreach (var origin in (string[])[Page, "http://localhost:3000"])
            {
                using var answer = await registry.SendAsync("GET", path, headers: ("Origin", origin));
                Assert.Equal(origin, Header(answer, "Access-Control-Allow-Origin"));
                var exposed = Header(answer, "Access-Control-Expose-Headers").Split(',');
                Assert.Empty(((string[])["Docker-Content-Digest", "Link", "Location", "WWW-Authenticate", "Range", "Docker-Upload-UUID", "OCI-Subject"]).Except(exposed));
                Assert.Equal("Origin", Header(answer, "Vary"));
            }
        }
    }

    [Theory]
    [InlineData("https://other.example")]
    [InlineData("http://ui.example")]
    [InlineData("https://ui.example:8443")]
    [InlineData("https://ui.example.attacker.example")]
    [InlineData("null")]
    public async Task A_page_of_another_origin_is_told_nothing(string origin)
    {
        await using var registry = await StartAnotherAsync($"Cors:Origins:0={Page}");
        using var preflight = await ExpectAsync(registry.SendAsync("OPTIONS", "/v2/", headers: Preflight(origin)), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        using var answer = await ExpectAsync(registry.SendAsync("GET", "/v2/", headers: ("Origin", origin)), HttpStatusCode.OK);
        foreach (var told in (HttpResponseMessage[])[preflight, answer]) Assert.DoesNotContain(told.Headers, h => h.Key.StartsWith("Access-Control-", StringComparison.Ordinal));
        Assert.Equal("Origin", Header(answer, "Vary"));
    }

    [Fact]
    public async Task Unless_it_is_set_no_page_is_told_anything()
    {
        using var preflight = await ExpectAsync(Registry.SendAsync("OPTIONS", "/v2/", headers: Preflight(Page)), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: ("Origin", Page)), HttpStatusCode.OK);
        foreach (var told in (HttpResponseMessage[])[preflight, answer]) Assert.DoesNotContain(told.Headers, h => h.Key.StartsWith("Access-Control-", StringComparison.Ordinal) || h.Key == "Vary");
    }

    [Theory]
    [InlineData("*")]
    [InlineData("ui.example")]
    [InlineData("https://ui.example/path")]
    [InlineData("https://ui.example:443")]
    [InlineData("ftp://ui.example")]
    public void An_origin_that_no_browser_sends_is_a_problem(string origin)
    {
        var e = Assert.Throws<SettingsException>(() => ServerApp.Create(["--Registry:Storage:InMemory=true", "--Registry:Cors:Origins:0=" + origin]));
        Assert.Contains("Cors:Origins:0", Assert.Single(e.Problems), StringComparison.Ordinal);
    }

    private static (string, string)[] Preflight(string origin) =>
        [("Origin", origin), ("Access-Control-Request-Method", "PATCH"), ("Access-Control-Request-Headers", "authorization,content-range")];

    private async Task PushAsync()
    {
        await Registry.PushBlobAsync("app", s_content);
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", ManifestBuilder.ForIndex().Build()), HttpStatusCode.Created);
    }
}
