using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class PingTests(IStorageKind storage) : RegistryTest(storage)
{
    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task The_root_answers_at_once_and_asks_no_storage(string method)
    {
        await ExpectAsync(Registry.SendAsync(method, "/"), HttpStatusCode.OK);
        Assert.Equal((0, 0), Registry.Probe.Counts);
    }

    [Theory]
    [InlineData("/v2/")]
    [InlineData("/v2")]
    public async Task The_base_says_which_protocol_this_is_and_asks_no_storage(string path)
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", path), HttpStatusCode.OK);
        Assert.Equal("{}", await answer.Content.ReadAsStringAsync());
        Assert.Equal("registry/2.0", Header(answer, "Docker-Distribution-API-Version"));
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal((0, 0), Registry.Probe.Counts);
    }

    [Theory]
    [InlineData("/v1/")]
    [InlineData("/v2/app")]
    [InlineData("/v2/app/manifests")]
    [InlineData("/v2/app/manifests/")]
    [InlineData("/v2/app/manifests/v1/")]
    [InlineData("/v2/manifests/v1")]
    [InlineData("/v2/app%2fmanifests/v1")]
    [InlineData("/v2/app/manifests%2Fv1")]
    [InlineData("/v2/app%252fx/manifests/v1")]
    [InlineData("/V2/")]
    [InlineData("/CollectGarbage")]
    public async Task A_path_that_is_no_endpoint_is_not_found(string path)
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", path), HttpStatusCode.NotFound, "NAME_UNKNOWN");
        Assert.Equal("registry/2.0", Header(answer, "Docker-Distribution-API-Version"));
        Assert.Equal((0, 0), Registry.Probe.Counts);
    }

    [Theory]
    [InlineData("POST", "/v2/")]
    [InlineData("DELETE", "/v2/")]
    [InlineData("POST", "/v2/app/manifests/v1")]
    [InlineData("PUT", "/v2/app/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("GET", "/v2/app/blobs/uploads/")]
    [InlineData("BREW", "/v2/app/manifests/v1")]
    public async Task A_method_that_an_endpoint_does_not_know_is_unsupported(string method, string path)
    {
        await ExpectAsync(Registry.SendAsync(method, path), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
        Assert.Equal((0, 0), Registry.Probe.Counts);
    }

    [Fact]
    public async Task An_error_to_head_has_the_headers_and_no_body()
    {
        using var answer = await Registry.SendAsync("HEAD", "/v2/app/manifests/v1");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.True(answer.Content.Headers.ContentLength > 0);
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }
}

public sealed class PingTestsInMemory(InMemoryStorage storage) : PingTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class PingTestsOnAzurite(AzuriteStorage storage) : PingTests(storage);
