using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.FunctionsHost.Tests;

/// <summary>What the host does to requests on their way, and what clients see of it.</summary>
[Collection(HostedCollection.Name)]
public sealed class HostedRequestTests(HostedFixture fixture)
{
    private const string LimitSetting = "FUNCTIONS_REQUEST_BODY_SIZE_LIMIT";

    [Fact]
    public async Task A_body_whose_length_is_beyond_the_limit_is_an_error_and_stores_nothing()
    {
        await using var registry = await fixture.StartAsync((LimitSetting, "1000000"));
        var content = RegistryClient.RandomBytes(1_000_001);
        using var answer = await PutAsync(registry, content, chunked: false);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("HEAD", $"/v2/app/blobs/{RegistryClient.DigestOf(content)}")).StatusCode);
        // Not a byte more than the limit was the matter.
        using var small = await PutAsync(registry, content[..1_000_000], chunked: false);
        Assert.Equal(HttpStatusCode.Created, small.StatusCode);
    }

    [Fact]
    public async Task The_page_has_a_function_of_its_own_and_the_host_leaves_its_slash_and_its_compression_alone()
    {
        await using var registry = await fixture.StartAsync();
        using var without = await registry.SendAsync("GET", "/ui");
        Assert.Equal((HttpStatusCode.PermanentRedirect, "ui/"), (without.StatusCode, without.Headers.Location?.OriginalString));
        using var page = await registry.SendAsync("GET", "/ui/", headers: [("Accept-Encoding", "br")]);
        Assert.Equal((HttpStatusCode.OK, "text/html; charset=utf-8"), (page.StatusCode, page.Content.Headers.ContentType?.ToString()));
        Assert.Equal(["br"], page.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task The_same_body_passes_when_the_limit_is_raised()
    {
        await using var registry = await fixture.StartAsync((LimitSetting, "1000001"));
        using var answer = await PutAsync(registry, RegistryClient.RandomBytes(1_000_001), chunked: false);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
    }

    [Fact]
    public async Task A_chunked_body_beyond_the_limit_is_cut_off_and_stores_nothing()
    {
        await using var registry = await fixture.StartAsync((LimitSetting, "1000000"));
        var content = RegistryClient.RandomBytes(1_000_001);
        using var answer = await PutAsync(registry, content, chunked: true);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("HEAD", $"/v2/app/blobs/{RegistryClient.DigestOf(content)}")).StatusCode);
        // The frames of the chunks count too.
        using var small = await PutAsync(registry, content[..990_000], chunked: true);
        Assert.Equal(HttpStatusCode.Created, small.StatusCode);
    }

    [Fact]
    public async Task A_chunked_body_streams_to_the_registry_and_from_there_to_storage()
    {
        await using var registry = await fixture.StartAsync();
        var content = RegistryClient.RandomBytes(20_000_000);
        using var answer = await PutAsync(registry, content, chunked: true);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        using var back = await registry.SendAsync("GET", $"/v2/app/blobs/{RegistryClient.DigestOf(content)}");
        // The redirect is the client's to follow.
        Assert.Equal(HttpStatusCode.TemporaryRedirect, back.StatusCode);
        using var client = new HttpClient();
        Assert.Equal(content, await client.GetByteArrayAsync(back.Headers.Location));
    }

    [Fact]
    public async Task Bytes_that_the_registry_sends_itself_stream_through()
    {
        await using var registry = await fixture.StartAsync(("Registry__Redirect__Enabled", "false"));
        var content = RegistryClient.RandomBytes(20_000_000);
        await registry.PushBlobAsync("app", content);
        using var answer = await registry.SendAsync("GET", $"/v2/app/blobs/{RegistryClient.DigestOf(content)}");
        Assert.Equal(content.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(content, await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Locations_lead_back_through_the_host()
    {
        await using var registry = await fixture.StartAsync();
        var location = await registry.StartUploadAsync("app");
        Assert.StartsWith("/v2/app/blobs/uploads/", location, StringComparison.Ordinal);
        Assert.DoesNotContain(registry.Host.WorkerUrl.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), location, StringComparison.Ordinal);
        using var status = await registry.SendAsync("GET", location);
        Assert.Equal(HttpStatusCode.NoContent, status.StatusCode);
    }

    [Fact]
    public async Task Whoever_must_sign_in_is_sent_to_the_address_that_the_platform_gives_to_the_app()
    {
        await using var registry = await fixture.StartAsync(("Registry__Auth__Mode", "token"));
        using var answer = await registry.SendAsync("GET", "/v2/", headers: [("X-Forwarded-Host", "evil.example")]);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains($"realm=\"{registry.Host.Url}token\"", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_does_not_begin_in_time_is_ended_by_the_platform()
    {
        await using var storage = await BrokenStorage.StartAsync(answers: false);
        await using var registry = await HostedRegistry.StartAsync(fixture.App.Folder, storage.Options, null, o => o with { ResponseTimeout = TimeSpan.FromSeconds(1) });
        using var answer = await registry.SendAsync("GET", "/v2/app/manifests/v1");
        Assert.Equal(HttpStatusCode.GatewayTimeout, answer.StatusCode);
    }

    [Fact]
    public async Task Without_a_function_for_it_nothing_reaches_the_registry()
    {
        await using var registry = await fixture.StartAsync();
        foreach (var path in (string[])["/metrics", "/v1/", "/admin/host/status", "/runtime/webhooks"])
        {
            using var answer = await registry.SendAsync("GET", path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
        }
    }

    [Theory]
    [InlineData("true", HttpStatusCode.NoContent)]
    [InlineData("false", HttpStatusCode.OK)]
    public async Task The_root_is_the_hosts(string disabled, HttpStatusCode status)
    {
        await using var registry = await fixture.StartAsync(("AzureWebJobsDisableHomepage", disabled));
        using var answer = await registry.SendAsync("GET", "/");
        Assert.Equal(status, answer.StatusCode);
    }

    private static async Task<HttpResponseMessage> PutAsync(HostedRegistry registry, byte[] content, bool chunked) => await registry.SendAsync(
        "PUT", $"{await registry.StartUploadAsync("app")}&digest={RegistryClient.DigestOf(content)}", content, "application/octet-stream",
        // Who sends without leave may find the connection closed before there is an answer to read.
        chunked ? [("Transfer-Encoding", "chunked")] : [("Expect", "100-continue")]);
}
