using System.Net;
using System.Security.Cryptography;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class BlobTests(IStorageKind storage) : RegistryTest(storage)
{
    private const string None = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    private static readonly byte[] s_content = RegistryServer.RandomBytes(5000);

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    public async Task A_blob_that_is_not_there_is_unknown(string method) =>
        await ExpectAsync(Registry.SendAsync(method, $"/v2/app/blobs/{None}"), HttpStatusCode.NotFound, method == "HEAD" ? null : "BLOB_UNKNOWN");

    [Fact]
    public async Task Head_tells_length_and_digest()
    {
        var digest = await Registry.PushBlobAsync("app", s_content);
        using var answer = await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
        Assert.Equal(s_content.Length, answer.Content.Headers.ContentLength);
        Assert.Equal(digest.ToString(), Header(answer, "Docker-Content-Digest"));
        Assert.Equal("application/octet-stream", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Get_sends_the_client_to_storage_which_has_the_bytes()
    {
        var digest = await Registry.PushBlobAsync("app", s_content);
        using var answer = await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/blobs/{digest}"), HttpStatusCode.TemporaryRedirect);
        Assert.Equal(digest.ToString(), Header(answer, "Docker-Content-Digest"));
        using var anybody = new HttpClient();
        Assert.Equal(s_content, await anybody.GetByteArrayAsync(answer.Headers.Location));
    }

    [Fact]
    public async Task A_suffix_range_is_served_here_because_storage_cannot()
    {
        var digest = await Registry.PushBlobAsync("app", s_content);
        using var answer = await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/blobs/{digest}", null, null, ("Range", "bytes=-500")), HttpStatusCode.PartialContent);
        Assert.Equal(s_content[^500..], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal("bytes 4500-4999/5000", Header(answer, "Content-Range"));
    }

    [Fact]
    public async Task A_blob_of_another_repository_is_unknown()
    {
        var digest = await Registry.PushBlobAsync("mine", s_content);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/yours/blobs/{digest}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/yours/blobs/{digest}"), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_blob_of_no_bytes_is_a_blob()
    {
        var digest = await Registry.PushBlobAsync("app", []);
        using var head = await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
        Assert.Equal(0, head.Content.Headers.ContentLength);
        await using var direct = await StartAnotherAsync("Redirect:Enabled=false");
        using var get = await ExpectAsync(direct.SendAsync("GET", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
        Assert.Empty(await get.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [InlineData(null, 200, 0, 4999)]
    [InlineData("bytes=0-0", 206, 0, 0)]
    [InlineData("bytes=10-19", 206, 10, 19)]
    [InlineData("bytes=4990-", 206, 4990, 4999)]
    [InlineData("bytes=4990-9999", 206, 4990, 4999)]
    [InlineData("bytes=-10", 206, 4990, 4999)]
    [InlineData("bytes=-9999", 206, 0, 4999)]
    [InlineData("bytes=0-1,5-6", 200, 0, 4999)]
    [InlineData("lines=0-1", 200, 0, 4999)]
    public async Task Without_redirects_the_bytes_are_served_here(string? range, int status, int first, int last)
    {
        await using var direct = await StartAnotherAsync("Redirect:Enabled=false");
        var digest = await direct.PushBlobAsync("app", s_content);
        (string, string)[] headers = range is null ? [] : [("Range", range)];
        using var answer = await ExpectAsync(direct.SendAsync("GET", $"/v2/app/blobs/{digest}", null, null, headers), (HttpStatusCode)status);
        Assert.Equal(s_content[first..(last + 1)], await answer.Content.ReadAsByteArrayAsync());
        Assert.Equal(status == 206 ? $"bytes {first}-{last}/5000" : "", Header(answer, "Content-Range"));
        Assert.Equal(last - first + 1, answer.Content.Headers.ContentLength);
    }

    [Theory]
    [InlineData("bytes=5000-")]
    [InlineData("bytes=9000-9999")]
    [InlineData("bytes=-0")]
    public async Task A_range_outside_the_blob_cannot_be_satisfied(string range)
    {
        await using var direct = await StartAnotherAsync("Redirect:Enabled=false");
        var digest = await direct.PushBlobAsync("app", s_content);
        using var answer = await ExpectAsync(
            direct.SendAsync("GET", $"/v2/app/blobs/{digest}", null, null, ("Range", range)), HttpStatusCode.RequestedRangeNotSatisfiable, "SIZE_INVALID");
        Assert.Equal("bytes */5000", Header(answer, "Content-Range"));
    }

    [Fact]
    public async Task A_blob_under_sha512_is_found_under_sha512()
    {
        var digest = Digest.FromHash(DigestAlgorithm.Sha512, SHA512.HashData(s_content));
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?digest={digest}", s_content), HttpStatusCode.Created);
        using var answer = await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
        Assert.Equal(s_content.Length, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_colon_that_a_client_has_encoded_is_a_colon()
    {
        var digest = await Registry.PushBlobAsync("app", s_content);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/sha256%3A{digest.Hex}"), HttpStatusCode.OK);
    }
}

public sealed class BlobTestsInMemory(InMemoryStorage storage) : BlobTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class BlobTestsOnAzurite(AzuriteStorage storage) : BlobTests(storage);
