using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Uploads that go on below a path of the registry's own name, which a router sends to a server of uploads: for every client, and signed in as ever.</summary>
public abstract class UploadPathTests(IStorageKind storage) : AuthTest(storage)
{
    private static readonly byte[] s_content = [1, 2, 3, 4];
    private static readonly Digest s_digest = RegistryServer.DigestOf(s_content);

    protected override string[] Settings => [.. base.Settings, "Uploads:Url=/v2/-uploads"];

    [Theory]
    [InlineData("docker/20.10.24")]
    [InlineData("oras/1.3.3")]
    [InlineData("curl/8.5.0")]
    public async Task Every_client_goes_on_there_with_its_token(string agent)
    {
        var token = await BeginAsync();
        await using var uploads = await StartAnotherAsync("Uploads:Only=true", "Prefix=/v2/-uploads");
        using var begun = await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/", headers: [token, ("User-Agent", agent)]), HttpStatusCode.Accepted);
        var location = Header(begun, "Location");
        Assert.StartsWith("/v2/-uploads/v2/team/app/blobs/uploads/", location, StringComparison.Ordinal);
        Assert.DoesNotContain("_capability", location, StringComparison.Ordinal);
        using var taken = await ExpectAsync(uploads.SendAsync("PATCH", location, s_content, MediaTypes.OctetStream, token), HttpStatusCode.Accepted);
        location = Header(taken, "Location");
        Assert.StartsWith("/v2/-uploads/v2/team/app/blobs/uploads/", location, StringComparison.Ordinal);
        using var done = await ExpectAsync(uploads.SendAsync("PUT", location + "&digest=" + s_digest, headers: token), HttpStatusCode.Created);
        Assert.Equal($"/v2/team/app/blobs/{s_digest}", Header(done, "Location"));
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/team/app/blobs/{s_digest}", headers: token), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_a_token_that_fits_one_is_shown_the_way_to_the_registry()
    {
        var token = await BeginAsync();
        await using var uploads = await StartAnotherAsync("Uploads:Only=true", "Prefix=/v2/-uploads", "PublicUrl=https://registry.example.com");
        using var begun = await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/", headers: token), HttpStatusCode.Accepted);
        foreach (var headers in ((string, string)[][])[[], [Bearer(await SignInAsync("alice", "repository:other/app:pull,push"))]])
        {
            using var refused = await ExpectAsync(uploads.SendAsync("PATCH", Header(begun, "Location"), s_content, MediaTypes.OctetStream, headers), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            Assert.StartsWith("Bearer realm=\"https://registry.example.com/token\",service=\"test-registry\",scope=\"repository:team/app:pull,push\"", Header(refused, "WWW-Authenticate"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Nothing_else_is_served_there()
    {
        var token = await BeginAsync();
        await using var uploads = await StartAnotherAsync("Uploads:Only=true", "Prefix=/v2/-uploads");
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/team/app/blobs/uploads/?digest={s_digest}", s_content, MediaTypes.OctetStream, token), HttpStatusCode.Created);
        foreach (var (method, path) in ((string, string)[])
            [
                ("GET", $"/v2/team/app/blobs/{s_digest}"), ("POST", "/v2/team/app/blobs/uploads/"), ("GET", "/v2/team/app/tags/list"), ("GET", "/token?service=test-registry"), ("GET", "/v2/"),
                ("GET", "/v2/team/app/manifests/latest"),
            ])
        {
            await ExpectAsync(uploads.SendAsync(method, "/v2/-uploads" + path, headers: token), HttpStatusCode.NotFound);
            // A router that sends too much there gets nothing either.
            await ExpectAsync(uploads.SendAsync(method, path, headers: token), HttpStatusCode.NotFound);
        }
    }

    private async Task<(string, string)> BeginAsync()
    {
        await AddUserAsync("alice", "team/*:pull,push", "other/*:pull,push");
        return Bearer(await SignInAsync("alice", "repository:team/app:pull,push"));
    }
}

public sealed class UploadPathTestsInMemory(InMemoryStorage storage) : UploadPathTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class UploadPathTestsOnAzurite(AzuriteStorage storage) : UploadPathTests(storage);
