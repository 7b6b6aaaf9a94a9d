using System.Net;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>Storage that does not answer: never a false "not there" and never a false success.</summary>
public abstract class StorageFaultTests(IStorageKind storage) : RegistryTest(storage)
{
    [Theory]
    [InlineData("GET", "/v2/app/manifests/v1")]
    [InlineData("HEAD", "/v2/app/manifests/v1")]
    [InlineData("GET", "/v2/app/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("HEAD", "/v2/app/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("PUT", "/v2/app/manifests/v1")]
    [InlineData("POST", "/v2/app/blobs/uploads/?digest=sha256:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81")]
    public async Task Storage_that_fails_is_a_503_that_says_when_to_come_back(string method, string path)
    {
        var body = method switch { "PUT" => """{"schemaVersion":2,"manifests":[]}"""u8.ToArray(), "POST" => [1, 2, 3], _ => null };
        Registry.Probe.FailAt(0, StorageFault.Unavailable);
        using var answer = await ExpectAsync(
            Registry.SendAsync(method, path, body, body is null ? null : "application/vnd.oci.image.index.v1+json"),
            HttpStatusCode.ServiceUnavailable, method == "HEAD" ? null : "UNAVAILABLE");
        Assert.NotEmpty(Header(answer, "Retry-After"));
    }

    [Theory]
    [InlineData(StorageFault.Unavailable)]
    [InlineData(StorageFault.AppliedButUnavailable)]
    [InlineData(StorageFault.Replay)]
    public async Task Whichever_call_of_a_push_fails_it_is_a_503_and_succeeds_later_and_one_that_is_applied_twice_does_no_harm(StorageFault fault)
    {
        var call = 0;
        for (var reached = true; reached; call++)
        {
            var content = RegistryServer.RandomBytes(100);
            // A repository of its own each time, so that its announcements are among the calls.
            reached = await FailOnceAsync(call, fault, () => Registry.SendAsync("POST", $"/v2/app{call}/blobs/uploads/?digest={RegistryServer.DigestOf(content)}", content));
            await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app{call}/blobs/{RegistryServer.DigestOf(content)}"), HttpStatusCode.OK);
        }

        Assert.InRange(call, 4, 10);
        call = 0;
        for (var reached = true; reached; call++)
        {
            var image = await Registry.PrepareImageAsync($"image{call}");
            reached = await FailOnceAsync(call, fault, () => Registry.PutManifestAsync($"image{call}", "v1", image));
            await ExpectAsync(Registry.SendAsync("GET", $"/v2/image{call}/manifests/v1"), HttpStatusCode.OK);
        }

        Assert.InRange(call, 5, 10);
        await SnapshotAsync();
    }

    [Theory]
    [InlineData("manifest")]
    [InlineData("tag")]
    [InlineData("blob")]
    [InlineData("upload")]
    [InlineData("upload without a chunk")]
    public async Task A_delete_that_meets_its_own_success_is_a_success(string kind)
    {
        var call = 0;
        for (var reached = true; reached; call++)
        {
            var (path, status) = await PrepareDeleteAsync(kind, $"doomed{call}");
            Registry.Probe.Reset();
            Registry.Probe.FailAt(call, StorageFault.Replay);
            await ExpectAsync(Registry.SendAsync("DELETE", path), status);
            reached = Registry.Probe.Calls.Count > call;
            Registry.Probe.Reset();
            // Across requests nobody can tell a repetition from another's.
            await ExpectAsync(Registry.SendAsync("DELETE", path), HttpStatusCode.NotFound);
        }

        Assert.InRange(call, 3, 12);
        await SnapshotAsync();
    }

    [Fact]
    public async Task A_bug_is_a_500_that_gives_nothing_away()
    {
        Registry.Probe.FailAt(0, StorageFault.CrashBefore);
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.InternalServerError, "UNKNOWN");
        Assert.DoesNotContain("Simulated", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private async Task<(string Path, HttpStatusCode Status)> PrepareDeleteAsync(string kind, string repository)
    {
        if (kind.StartsWith("upload", StringComparison.Ordinal))
        {
            var location = await Registry.StartUploadAsync(repository);
            if (kind != "upload") return (location, HttpStatusCode.NoContent);
            using var chunk = await ExpectAsync(Registry.SendAsync("PATCH", location, [1, 2, 3]), HttpStatusCode.Accepted);
            return (chunk.Headers.Location!.OriginalString, HttpStatusCode.NoContent);
        }

        if (kind == "blob") return ($"/v2/{repository}/blobs/{await Registry.PushBlobAsync(repository, RegistryServer.RandomBytes(100))}", HttpStatusCode.Accepted);
        var image = await Registry.PrepareImageAsync(repository);
        await ExpectAsync(Registry.PutManifestAsync(repository, "v1", image), HttpStatusCode.Created);
        return ($"/v2/{repository}/manifests/{(kind == "tag" ? "v1" : image.Digest.ToString())}", HttpStatusCode.Accepted);
    }

    /// <summary>Sends a request while one call to storage fails, and again when storage has recovered.</summary>
    /// <returns>Whether the request makes so many calls.</returns>
    private async Task<bool> FailOnceAsync(int call, StorageFault fault, Func<Task<HttpResponseMessage>> send)
    {
        Registry.Probe.Reset();
        Registry.Probe.FailAt(call, fault);
        using var answer = await send();
        var reached = Registry.Probe.Calls.Count > call;
        var refused = reached && fault != StorageFault.Replay;
        Registry.Probe.Reset();
        await ExpectAsync(Task.FromResult(answer), refused ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.Created, refused ? "UNAVAILABLE" : null);
        Assert.Equal(refused, Header(answer, "Retry-After").Length > 0);
        await ExpectAsync(send(), HttpStatusCode.Created);
        return reached;
    }
}

public sealed class StorageFaultTestsInMemory(InMemoryStorage storage) : StorageFaultTests(storage), IClassFixture<InMemoryStorage>;

public sealed class StorageFaultTestsOnLocalDisk(LocalDisk storage) : StorageFaultTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class StorageFaultTestsOnAzurite(AzuriteStorage storage) : StorageFaultTests(storage);
