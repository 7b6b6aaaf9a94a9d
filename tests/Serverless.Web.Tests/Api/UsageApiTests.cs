using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Serverless.Registry;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>What is used, and quotas: over the API, and as those who push meet them.</summary>
public sealed class UsageApiTests(InMemoryStorage storage) : RepositoryApiTest(storage), IClassFixture<InMemoryStorage>
{
    private const string Admin = "root registry:admin:*";

    private protected override string[] Settings => ["Auth:Mode=token"];

    private ContainerRegistry Service => Registry.Services.GetRequiredService<ContainerRegistry>();

    [Fact]
    public async Task What_namespaces_and_repositories_hold_is_shown_to_those_who_may_see_them()
    {
        foreach (var name in (string[])["team/app", "team/other", "alone", "zoo/app"]) await PushAsync(name, "v1");
        await CollectAsync();
        await Service.Usage.NoteTotalAsync(7, 7000, default);
        var all = await AskAsync("GET", "usage", HttpStatusCode.OK, caller: "ann *:pull registry:catalog:*");
        Assert.Equal(["alone", "team/", "zoo/"], Texts(all.GetProperty("namespaces"), "name"));
        Assert.Equal((2, 4L), (all.GetProperty("namespaces")[1].GetProperty("repositories").GetInt32(), all.GetProperty("namespaces")[1].GetProperty("blobs").GetInt64()));
        Assert.InRange(all.GetProperty("namespaces")[1].GetProperty("bytes").GetInt64(), 2000, 3000);

        var some = await AskAsync("GET", "usage", HttpStatusCode.OK, caller: "bob team/app:pull");
        Assert.Equal(1, Assert.Single(some.GetProperty("namespaces").EnumerateArray()).GetProperty("repositories").GetInt32());
        Assert.False(some.TryGetProperty("total", out _));

        var first = await AskAsync("GET", "usage?n=2", HttpStatusCode.OK, caller: "ann *:pull registry:catalog:*");
        var rest = await AskAsync("GET", $"usage?n=2&cursor={first.GetProperty("cursor").GetString()}", HttpStatusCode.OK, caller: "ann *:pull registry:catalog:*");
        Assert.Equal(["alone", "team/"], Texts(first.GetProperty("namespaces"), "name"));
        Assert.Equal(["zoo/"], Texts(rest.GetProperty("namespaces"), "name"));
        Assert.False(rest.TryGetProperty("cursor", out _));
        Assert.Equal("REQUEST_INVALID", (await AskAsync("GET", "usage?cursor=%C3%A4", HttpStatusCode.BadRequest, caller: Owner)).GetProperty("code").GetString());

        var list = await ReadAsync("?use", "ann *:pull registry:catalog:*");
        Assert.Equal(["alone", "team/app", "team/other", "zoo/app"], Texts(list.GetProperty("uses"), "name"));
        Assert.Equal(["team/app"], Texts((await ReadAsync("?use&q=team/a", "ann *:pull registry:catalog:*")).GetProperty("uses"), "name"));
        Assert.False((await ReadAsync("", Owner)).TryGetProperty("uses", out _));
        Assert.Equal(2, (await ReadAsync("/team/app")).GetProperty("use").GetProperty("blobs").GetInt64());
    }

    [Fact]
    public async Task The_whole_is_shown_to_those_who_may_see_everything()
    {
        await Service.Usage.NoteTotalAsync(7, 7000, default);
        Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(7000, (await AskAsync("GET", "usage", HttpStatusCode.OK, caller: "ann registry:catalog:*")).GetProperty("total").GetProperty("bytes").GetInt64());
    }

    [Theory]
    [InlineData("usage", 1)]
    [InlineData("repositories?use", 2)]
    [InlineData("repositories/team/app", 3)]
    [InlineData("quotas", 1)]
    [InlineData("events", 1)]
    public async Task What_each_view_costs_is_known(string path, int tables)
    {
        await PushAsync("team/app", "v1");
        await CollectAsync();
        await AskAsync("GET", path, HttpStatusCode.OK, caller: Admin + " team/*:pull registry:catalog:*");
        Registry.Probe.Reset();
        await AskAsync("GET", path, HttpStatusCode.OK, caller: Admin + " team/*:pull registry:catalog:*");
        Assert.Equal((tables, 0), Registry.Probe.Counts);
    }

    [Fact]
    public async Task Quotas_are_set_shown_and_deleted_and_it_is_noted()
    {
        var set = await AskAsync("PUT", "quotas/te*", HttpStatusCode.OK, """{"soft":10,"hard":20}""");
        Assert.Equal(("te*", 10, 20), (set.GetProperty("pattern").GetString(), set.GetProperty("soft").GetInt64(), set.GetProperty("hard").GetInt64()));
        await AskAsync("PUT", "quotas/*", HttpStatusCode.OK, """{"hard":20}""");
        Assert.Equal(["*", "te*"], Texts((await AskAsync("GET", "quotas", HttpStatusCode.OK)).GetProperty("quotas"), "pattern"));
        await AssertDoneAsync(SendAsync("DELETE", "quotas/*"));
        await AssertRefusedAsync(SendAsync("DELETE", "quotas/*"), HttpStatusCode.NotFound, "QUOTA_UNKNOWN");
        await AssertRefusedAsync(SendAsync("DELETE", "quotas/a*b"), HttpStatusCode.NotFound, "QUOTA_UNKNOWN");
        var changes = (await AskAsync("GET", "audit", HttpStatusCode.OK)).GetProperty("changes");
        Assert.Contains("quota.set te*", changes.EnumerateArray().Select(c => $"{c.GetProperty("action").GetString()} {c.GetProperty("target").GetString()}"));
        Assert.Contains("quota.delete *", changes.EnumerateArray().Select(c => $"{c.GetProperty("action").GetString()} {c.GetProperty("target").GetString()}"));
    }

    [Theory]
    [InlineData("team", "{}")]
    [InlineData("team", """{"hard":-1}""")]
    [InlineData("team", """{"soft":2,"hard":1}""")]
    [InlineData("team", """{"hard":"10 GiB"}""")]
    [InlineData("Team", """{"hard":1}""")]
    [InlineData("te*m", """{"hard":1}""")]
    public async Task What_cannot_be_is_refused_and_neither_set_nor_noted(string pattern, string body)
    {
        await AssertRefusedAsync(SendAsync("PUT", "quotas/" + pattern, body), HttpStatusCode.BadRequest, "REQUEST_INVALID");
        Assert.Empty((await AskAsync("GET", "quotas", HttpStatusCode.OK)).GetProperty("quotas").EnumerateArray());
        Assert.Empty((await AskAsync("GET", "audit", HttpStatusCode.OK)).GetProperty("changes").EnumerateArray());
    }

    [Theory]
    [InlineData("GET", "quotas")]
    [InlineData("PUT", "quotas/team")]
    [InlineData("DELETE", "quotas/team")]
    [InlineData("GET", "events")]
    [InlineData("POST", "events/ops/0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")]
    public async Task Nobody_else_may(string method, string path) =>
        await AssertRefusedAsync(SendAsync(method, path, method == "PUT" ? "{}" : null, "eve *:pull,push,delete registry:catalog:*"), HttpStatusCode.Forbidden, "DENIED");

    [Fact]
    public async Task Whoever_pushes_is_refused_above_the_hard_limit_before_the_body_is_read()
    {
        await PushAsync("team/app", "v1");
        await AskAsync("PUT", "quotas/team", HttpStatusCode.OK, """{"hard":2000}""");
        var content = new byte[2001];
        foreach (var (method, path, body) in new[]
        {
            ("POST", $"/v2/team/app/blobs/uploads/?digest={Digest.Compute(DigestAlgorithm.Sha256, content)}", content),
            ("PUT", "/v2/team/app/blobs/uploads/0190a1b2c3d47e5f8a9b0c1d2e3f4a5b?digest=sha256:" + new string('0', 64), content),
            ("PATCH", "/v2/team/app/blobs/uploads/0190a1b2c3d47e5f8a9b0c1d2e3f4a5b", content),
        })
        {
            using var answer = await Registry.SendAsync(method, path, body, "application/octet-stream", (HeaderAuthenticator.Header, Owner));
            var error = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("errors")[0];
            Assert.Equal((HttpStatusCode.Forbidden, "DENIED"), (answer.StatusCode, error.GetProperty("code").GetString()));
            Assert.Equal(("QUOTA", "team", "2000"), (error.GetProperty("detail").GetProperty("reason").GetString(), error.GetProperty("detail").GetProperty("namespace").GetString(), error.GetProperty("detail").GetProperty("hard").GetString()));
        }

        // Pulls, deletions and other namespaces go on.
        await ReadAsync("/team/app/_manifests/v1");
        await PushAsync("other/app", "v1");
        await AssertDoneAsync(base.SendAsync("DELETE", "/team/app/_tags/v1"));
    }

    [Fact]
    public async Task Whoever_pushes_is_warned_above_the_soft_limit()
    {
        await AskAsync("PUT", "quotas/team", HttpStatusCode.OK, """{"soft":1500}""");
        var manifest = await PushAsync("team/app", "v1");
        Assert.Empty(await WarningsAsync("POST", "/v2/team/app/blobs/uploads/", null, HttpStatusCode.Accepted));
        await PushAsync("team/app", "v2");
        Assert.StartsWith("299 - \"The namespace holds 2", Assert.Single(await WarningsAsync("POST", "/v2/team/app/blobs/uploads/", null, HttpStatusCode.Accepted)), StringComparison.Ordinal);
        Assert.Single(await WarningsAsync("PUT", "/v2/team/app/manifests/v1", manifest, HttpStatusCode.Created));
    }

    private async Task<string[]> WarningsAsync(string method, string path, Manifest? manifest, HttpStatusCode status)
    {
        using var answer = await Registry.SendAsync(method, path, manifest?.Payload.ToArray(), manifest?.Descriptor.MediaType, (HeaderAuthenticator.Header, Owner));
        Assert.Equal(status, answer.StatusCode);
        return answer.Headers.TryGetValues("Warning", out var values) ? [.. values] : [];
    }

    private async Task CollectAsync()
    {
        Time.Advance(Service.Options.Grace + TimeSpan.FromMinutes(1));
        for (var i = 0; i < 2; i++)
        {
            await Service.GarbageCollector.CollectAsync(new(), null, default);
            Time.Advance(Service.Options.Grace + TimeSpan.FromMinutes(1));
        }
    }

    private Task<JsonElement> AskAsync(string method, string path, HttpStatusCode status, string? body = null, string caller = Admin) => ReadAsync(SendAsync(method, path, body, caller), status);

    private Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null, string caller = Admin) =>
        Registry.SendAsync(method, "/api/v1/" + path, body is null ? null : Encoding.UTF8.GetBytes(body), body is null ? null : "application/json", (HeaderAuthenticator.Header, caller));
}
