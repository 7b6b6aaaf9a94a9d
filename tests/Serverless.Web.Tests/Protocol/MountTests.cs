using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class MountTests(IStorageKind storage) : RegistryTest(storage)
{
    private static readonly byte[] s_content = RegistryServer.RandomBytes(1000);

    [Fact]
    public async Task A_mounted_blob_is_here_without_a_byte_moved()
    {
        var digest = await Registry.PushBlobAsync("base", s_content);
        using var answer = await ExpectAsync(Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?mount={digest}&from=base"), HttpStatusCode.Created);
        Assert.Equal($"/v2/app/blobs/{digest}", answer.Headers.Location!.OriginalString);
        Assert.Equal(digest.ToString(), Header(answer, "Docker-Content-Digest"));
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
        Assert.Equal(1, (await Testing.StoreAudit.ReadAsync(Registry.Stores)).AssertSound().ObjectCount);
    }

    [Fact]
    public async Task Mounts_at_once_all_end_with_a_blob_or_an_upload()
    {
        var digest = await Registry.PushBlobAsync("base", s_content);
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Registry.SendAsync("POST", $"/v2/app{i}/blobs/uploads/?mount={digest}&from=base")));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Created or HttpStatusCode.Accepted));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.Created);
        await SnapshotAsync();
    }

    [Fact]
    public async Task A_mount_of_what_is_not_there_begins_an_upload()
    {
        var digest = RegistryServer.DigestOf(s_content);
        using var answer = await ExpectAsync(Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?mount={digest}&from=base"), HttpStatusCode.Accepted);
        Assert.Equal("0-0", Header(answer, "Range"));
        await ExpectAsync(Registry.SendAsync("PUT", $"{answer.Headers.Location!.OriginalString}&digest={digest}", s_content), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_mount_from_the_repository_itself_finds_its_blob()
    {
        var digest = await Registry.PushBlobAsync("app", s_content);
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?mount={digest}&from=app"), HttpStatusCode.Created);
    }

    [Fact]
    public async Task A_mount_without_a_source_finds_one()
    {
        var digest = RegistryServer.DigestOf(s_content);
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?mount={digest}"), HttpStatusCode.Accepted);
        await Registry.PushBlobAsync("base", s_content);
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/app/blobs/uploads/?mount={digest}"), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Many_mounts_of_one_blob_at_once_are_all_granted()
    {
        var digest = await Registry.PushBlobAsync("base/image", [1, 2, 3]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => Registry.SendAsync("POST", $"/v2/team/app{i}/blobs/uploads/?mount={digest}&from=base/image")));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.StatusCode));
    }
}

public sealed class MountTestsInMemory(InMemoryStorage storage) : MountTests(storage), IClassFixture<InMemoryStorage>;

public sealed class MountTestsOnLocalDisk(LocalDisk storage) : MountTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class MountTestsOnAzurite(AzuriteStorage storage) : MountTests(storage);
