using System.Net;
using System.Security.Cryptography;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class UploadTests(IStorageKind storage) : UploadTest(storage)
{
    [Fact]
    public async Task An_upload_starts_empty()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/"), HttpStatusCode.Accepted);
        Assert.Equal("0-0", Header(answer, "Range"));
        var id = Header(answer, "Docker-Upload-UUID");
        Assert.NotEmpty(id);
        Assert.StartsWith($"/v2/team/app/blobs/uploads/{id}?", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Post_then_put_of_the_whole_blob()
    {
        var location = await Registry.StartUploadAsync("app");
        using var answer = await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}", Content), HttpStatusCode.Created);
        Assert.Equal($"/v2/app/blobs/{ContentDigest}", answer.Headers.Location!.OriginalString);
        Assert.Equal(ContentDigest.ToString(), Header(answer, "Docker-Content-Digest"));
        await AssertStoredAsync();
    }

    [Fact]
    public async Task Post_with_the_whole_blob_and_itContentDigest()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?digest={ContentDigest}", Content), HttpStatusCode.Created);
        Assert.Equal($"/v2/app/blobs/{ContentDigest}", answer.Headers.Location!.OriginalString);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task Post_patch_put_as_docker_does()
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content, 300);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task Chunks_on_several_instances_with_the_last_one_in_the_put()
    {
        await using var other = await StartAnotherAsync();
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content[..100], 100, RegistryServer.ChunkRange(0, 99));
        using var second = await ExpectAsync(other.SendAsync("PATCH", location, Content[100..200], null, RegistryServer.ChunkRange(100, 199)), HttpStatusCode.Accepted);
        Assert.Equal("0-199", Header(second, "Range"));
        location = second.Headers.Location!.OriginalString;
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}", Content[200..], null, RegistryServer.ChunkRange(200, 299)), HttpStatusCode.Created);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task Status_tells_how_far_the_upload_is()
    {
        var location = await Registry.StartUploadAsync("app");
        using var empty = await ExpectAsync(Registry.SendAsync("GET", location), HttpStatusCode.NoContent);
        Assert.Equal("0-0", Header(empty, "Range"));
        location = await PatchAsync(location, Content[..100], 100);
        using var answer = await ExpectAsync(Registry.SendAsync("GET", location), HttpStatusCode.NoContent);
        Assert.Equal("0-99", Header(answer, "Range"));
        Assert.NotEmpty(Header(answer, "Docker-Upload-UUID"));
        Assert.NotNull(answer.Headers.Location);
    }

    [Theory]
    [InlineData(50, 149)]
    [InlineData(0, 99)]
    [InlineData(101, 200)]
    [InlineData(200, 299)]
    public async Task A_chunk_out_of_order_is_refused_and_the_upload_lives_on(int first, int last)
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content[..100], 100);
        foreach (var method in (string[])["PATCH", "PUT"])
        {
            var path = method == "PUT" ? $"{location}&digest={ContentDigest}" : location;
            using var refused = await ExpectAsync(
                Registry.SendAsync(method, path, Content[first..(last + 1)], null, RegistryServer.ChunkRange(first, last)),
                HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
            Assert.Equal("0-99", Header(refused, "Range"));
            Assert.NotNull(refused.Headers.Location);
        }

        location = await PatchAsync(location, Content[100..], 300, RegistryServer.ChunkRange(100, 299));
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task A_first_chunk_that_does_not_begin_at_zero_is_refused()
    {
        var location = await Registry.StartUploadAsync("app");
        using var refused = await ExpectAsync(
            Registry.SendAsync("PATCH", location, Content[100..], null, RegistryServer.ChunkRange(100, 299)), HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
        Assert.Equal("0-0", Header(refused, "Range"));
    }

    [Fact]
    public async Task Of_chunks_sent_at_once_one_is_taken()
    {
        var location = await Registry.StartUploadAsync("app");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Registry.SendAsync("PATCH", location, Content, null, RegistryServer.ChunkRange(0, 299))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Accepted);
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable));
        Assert.All(answers, a => Assert.Equal("0-299", Header(a, "Range")));
        location = answers[0].Headers.Location!.OriginalString;
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task A_finish_that_is_sent_again_succeeds_again()
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content, 300);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created);
        await using var other = await StartAnotherAsync();
        await ExpectAsync(other.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={RegistryServer.DigestOf([])}"), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await ExpectAsync(Registry.SendAsync("PATCH", location, Content), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("GET", location), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("DELETE", location), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await AssertStoredAsync();
    }

    [Fact]
    public async Task Finishes_sent_at_once_all_succeed()
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content, 300);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created)));
        await AssertStoredAsync();
    }

    [Fact]
    public async Task A_wrong_digest_stores_nothing_and_the_upload_lives_on()
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content, 300);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={RegistryServer.DigestOf([1])}"), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{ContentDigest}"), HttpStatusCode.NotFound);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created);
        await AssertStoredAsync();
    }

    [Fact]
    public async Task A_cancelled_upload_is_unknown_and_stays_so()
    {
        var location = await Registry.StartUploadAsync("app");
        var later = await PatchAsync(location, Content[..100], 100);
        await ExpectAsync(Registry.SendAsync("DELETE", later), HttpStatusCode.NoContent);
        foreach (var path in (string[])[location, later])
        {
            await ExpectAsync(Registry.SendAsync("GET", path), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
            await ExpectAsync(Registry.SendAsync("PATCH", path, Content), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
            await ExpectAsync(Registry.SendAsync("PUT", $"{path}&digest={ContentDigest}"), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
            await ExpectAsync(Registry.SendAsync("DELETE", path), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }
    }

    [Fact]
    public async Task An_upload_cancelled_before_its_first_chunk_takes_none()
    {
        var location = await Registry.StartUploadAsync("app");
        await ExpectAsync(Registry.SendAsync("DELETE", location), HttpStatusCode.NoContent);
        await ExpectAsync(Registry.SendAsync("PATCH", location, Content), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("GET", location), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task An_upload_of_another_repository_is_unknown_and_the_victims_completes()
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("victim"), Content, 300);
        var stolen = location.Replace("/victim/", "/thief/", StringComparison.Ordinal);
        await ExpectAsync(Registry.SendAsync("GET", stolen), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("PATCH", stolen, [1]), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("PUT", $"{stolen}&digest={ContentDigest}"), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("DELETE", stolen), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_forged_or_missing_state_is_unknown()
    {
        var location = await Registry.StartUploadAsync("app");
        var path = location[..location.IndexOf('?', StringComparison.Ordinal)];
        var state = location[(location.IndexOf("_state=", StringComparison.Ordinal) + 7)..];
        var other = await Registry.StartUploadAsync("app");
        foreach (var forged in (string[])["", "_state=", "_state=AAAA", $"_state={state[..^2]}AA", $"_state={state}A", "_state=" + new string('%', 3) + "00", other[(other.IndexOf('?', StringComparison.Ordinal) + 1)..]])
        {
            await ExpectAsync(Registry.SendAsync("PATCH", $"{path}?{forged}", Content), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        }

        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/blobs/uploads/not-an-id?_state={state}"), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task An_upload_can_be_finished_under_sha512()
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content[..100], 100);
        location = await PatchAsync(location, Content[100..], 300);
        var digest = Digest.FromHash(DigestAlgorithm.Sha512, SHA512.HashData(Content));
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={digest}"), HttpStatusCode.Created);
        using var head = await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
        Assert.Equal(300, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_wrong_sha512_ends_the_upload_and_stores_nothing()
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content, 300);
        var wrong = Digest.FromHash(DigestAlgorithm.Sha512, SHA512.HashData([1]));
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={wrong}"), HttpStatusCode.BadRequest, "DIGEST_INVALID");
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{wrong}"), HttpStatusCode.NotFound);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={wrong}"), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        Assert.Equal(0, (await Testing.StoreAudit.ReadAsync(Registry.Stores)).AssertSound().ObjectCount);
    }

    [Fact]
    public async Task A_blob_of_no_bytes_can_be_uploaded_in_every_form()
    {
        var empty = RegistryServer.DigestOf([]);
        var location = await Registry.StartUploadAsync("a");
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={empty}"), HttpStatusCode.Created);
        location = await PatchAsync(await Registry.StartUploadAsync("b"), [], 0);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={empty}"), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/c/blobs/uploads/?digest={empty}", []), HttpStatusCode.Created);
        foreach (var name in (string[])["a", "b", "c"]) await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/{name}/blobs/{empty}"), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_blob_pushed_by_many_at_once_is_stored_once()
    {
        var content = RegistryServer.RandomBytes(100_000);
        var digest = RegistryServer.DigestOf(content);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(i => ExpectAsync(
            Registry.SendAsync("POST", $"/v2/app{i % 8}/blobs/uploads/?digest={digest}", content), HttpStatusCode.Created)));
        var audit = (await Testing.StoreAudit.ReadAsync(Registry.Stores)).AssertSound();
        Assert.Equal(1, audit.ObjectCount);
        Assert.Empty(audit.OrphanObjects);
        // The blob, and for each of the eight repositories a link and a hint.
        Assert.Equal(17, audit.Rows.Count);
    }
}

public sealed class UploadTestsInMemory(InMemoryStorage storage) : UploadTests(storage), IClassFixture<InMemoryStorage>;

public sealed class UploadTestsOnLocalDisk(LocalDisk storage) : UploadTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class UploadTestsOnAzurite(AzuriteStorage storage) : UploadTests(storage);
