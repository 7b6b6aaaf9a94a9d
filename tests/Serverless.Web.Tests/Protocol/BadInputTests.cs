using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>Requests that are wrong in themselves: each gets its protocol error and leaves nothing behind.</summary>
public abstract class BadInputTests(IStorageKind storage) : RegistryTest(storage)
{
    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData("GET", "/v2/App/manifests/v1", 400, "NAME_INVALID")]
    [InlineData("PUT", "/v2/app_/manifests/v1", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/a//b/manifests/v1", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2//manifests/v1", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/a..b/manifests/v1", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/a%20b/manifests/v1", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/a'%20or%20'1'%20eq%20'1/manifests/v1", 400, "NAME_INVALID")]
    [InlineData("POST", "/v2/App/blobs/uploads/", 400, "NAME_INVALID")]
    [InlineData("GET", "/v2/app/blobs/sha256:123", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/app/blobs/sha256:G" + "000000000000000000000000000000000000000000000000000000000000000", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/app/blobs/sha256:A" + "000000000000000000000000000000000000000000000000000000000000000", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/app/blobs/sha384:" + Zeros, 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/app/blobs/sha512:" + Zeros, 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/app/blobs/latest", 400, "DIGEST_INVALID")]
    [InlineData("GET", "/v2/app/manifests/sha256:123", 400, "DIGEST_INVALID")]
    [InlineData("PUT", "/v2/app/manifests/sha256:123", 400, "DIGEST_INVALID")]
    [InlineData("PUT", "/v2/app/manifests/.v1", 400, "TAG_INVALID")]
    [InlineData("PUT", "/v2/app/manifests/v1?tag=-a", 400, "TAG_INVALID")]
    [InlineData("POST", "/v2/app/blobs/uploads/?digest=sha256:123", 400, "DIGEST_INVALID")]
    [InlineData("POST", "/v2/app/blobs/uploads/?digest=", 400, "DIGEST_INVALID")]
    [InlineData("POST", "/v2/app/blobs/uploads/?digest=sha256:" + Zeros, 400, "DIGEST_INVALID")]
    [InlineData("POST", "/v2/app/blobs/uploads/?digest-algorithm=md5", 400, "DIGEST_INVALID")]
    public async Task A_malformed_request_is_refused(string method, string path, int status, string code)
    {
        await ExpectAsync(Registry.SendAsync(method, path, method is "GET" ? null : [1, 2, 3]), (HttpStatusCode)status, code);
        Assert.Empty(await SnapshotAsync());
        Assert.Equal(0, (await Testing.StoreAudit.ReadAsync(Registry.Stores)).ObjectCount);
    }

    [Fact]
    public async Task A_name_or_tag_that_is_too_long_is_refused()
    {
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/{new string('a', 256)}/manifests/v1"), HttpStatusCode.BadRequest, "NAME_INVALID");
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/{new string('a', 255)}/manifests/v1"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("PUT", $"/v2/app/manifests/{new string('a', 129)}", [1]), HttpStatusCode.BadRequest, "TAG_INVALID");
    }

    [Theory]
    [InlineData("bytes 0-2/3", "BLOB_UPLOAD_INVALID")]
    [InlineData("0-", "BLOB_UPLOAD_INVALID")]
    [InlineData("-2", "BLOB_UPLOAD_INVALID")]
    [InlineData("2-0", "BLOB_UPLOAD_INVALID")]
    [InlineData("a-b", "BLOB_UPLOAD_INVALID")]
    [InlineData("0-99999999999999999999", "BLOB_UPLOAD_INVALID")]
    [InlineData("0-9223372036854775807", "BLOB_UPLOAD_INVALID")]
    [InlineData("0-1", "SIZE_INVALID")]
    [InlineData("0-3", "SIZE_INVALID")]
    public async Task A_chunk_with_a_bad_range_is_refused_and_the_upload_lives_on(string range, string code)
    {
        var location = await Registry.StartUploadAsync("app");
        await ExpectAsync(Registry.SendAsync("PATCH", location, [1, 2, 3], null, ("Content-Range", range)), HttpStatusCode.BadRequest, code);
        Assert.Empty(await SnapshotAsync());
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={RegistryServer.DigestOf([1, 2, 3])}", [1, 2, 3]), HttpStatusCode.Created);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&digest=")]
    [InlineData("&digest=sha256:123")]
    [InlineData("&digest=md5:d41d8cd98f00b204e9800998ecf8427e")]
    [InlineData("&digest=sha256:" + Zeros)]
    public async Task A_finish_with_a_bad_digest_is_refused_and_the_upload_lives_on(string digest)
    {
        var location = await Registry.StartUploadAsync("app");
        await ExpectAsync(Registry.SendAsync("PUT", location + digest, [1, 2, 3]), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await ExpectAsync(Registry.SendAsync("PUT", location + digest, []), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        Assert.Empty(await SnapshotAsync());
        Assert.Equal(0, (await Testing.StoreAudit.ReadAsync(Registry.Stores)).ObjectCount);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={RegistryServer.DigestOf([1, 2, 3])}", [1, 2, 3]), HttpStatusCode.Created);
    }

    [Fact]
    public async Task Hosts_that_a_client_makes_up_change_no_location()
    {
        foreach (var header in (string[])["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Forwarded", "X-Original-Host"])
        {
            using var answer = await Registry.SendAsync("POST", "/v2/app/blobs/uploads/", null, null, (header, header == "Forwarded" ? "host=evil.example" : "evil.example"));
            Assert.StartsWith("/v2/app/blobs/uploads/", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        }

        await using var configured = await StartAnotherAsync("PublicUrl=https://registry.example/");
        using var absolute = await configured.SendAsync("POST", "/v2/app/blobs/uploads/");
        Assert.StartsWith("https://registry.example/v2/app/blobs/uploads/", absolute.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }
}

public sealed class BadInputTestsInMemory(InMemoryStorage storage) : BadInputTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class BadInputTestsOnAzurite(AzuriteStorage storage) : BadInputTests(storage);
