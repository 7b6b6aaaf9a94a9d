using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class DeleteTests(IStorageKind storage) : RegistryTest(storage)
{
    private const string None = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    [Fact]
    public async Task A_manifest_deleted_by_digest_takes_its_tags_along()
    {
        var (doomed, kept) = (await PushAsync("a", "b"), await PushAsync("c"));
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/manifests/{doomed.Digest}"), HttpStatusCode.Accepted);
        foreach (var gone in (string[])["a", "b", doomed.Digest.ToString()])
        {
            await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{gone}"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        }

        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/c"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{kept.Digest}"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/manifests/{doomed.Digest}"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_tag_deleted_leaves_the_manifest_and_its_other_tags()
    {
        var image = await PushAsync("a", "b");
        await ExpectAsync(Registry.SendAsync("DELETE", "/v2/app/manifests/a"), HttpStatusCode.Accepted);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/a"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/b"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{image.Digest}"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("DELETE", "/v2/app/manifests/a"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Fact]
    public async Task A_manifest_deleted_by_mistake_comes_back_by_pushing_it_again()
    {
        var image = await PushAsync("a");
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/manifests/{image.Digest}"), HttpStatusCode.Accepted);
        await using var other = await StartAnotherAsync();
        await ExpectAsync(other.PutManifestAsync("app", "a", image), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/a"), HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("manifest")]
    [InlineData("tag")]
    [InlineData("blob")]
    public async Task Of_deletions_at_once_each_is_accepted_or_finds_nothing(string what)
    {
        var image = await PushAsync("a", "b");
        var spare = await Registry.PushBlobAsync("app", [1, 2, 3]);
        var path = what switch { "manifest" => $"manifests/{image.Digest}", "tag" => "manifests/a", _ => $"blobs/{spare}" };
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Registry.SendAsync("DELETE", $"/v2/app/{path}")));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.NotFound, $"{a.StatusCode}"));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.Accepted);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/{path}"), HttpStatusCode.NotFound);
        await SnapshotAsync();
    }

    [Fact]
    public async Task A_blob_deleted_here_stays_elsewhere()
    {
        byte[] content = [1, 2, 3];
        var digest = await Registry.PushBlobAsync("app", content);
        await Registry.PushBlobAsync("other", content);
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/blobs/{digest}"), HttpStatusCode.Accepted);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.NotFound);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/other/blobs/{digest}"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/blobs/{digest}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        await SnapshotAsync();
    }

    [Fact]
    public async Task A_blob_deleted_and_pushed_again_can_be_pulled_from_every_instance()
    {
        await using var other = await StartAnotherAsync("Redirect:Enabled=false");
        byte[] content = [1, 2, 3];
        for (var round = 0; round < 3; round++)
        {
            var digest = await (round % 2 == 0 ? Registry : other).PushBlobAsync("app", content);
            await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
            using var get = await ExpectAsync(other.SendAsync("GET", $"/v2/app/blobs/{digest}"), HttpStatusCode.OK);
            Assert.Equal(content, await get.Content.ReadAsByteArrayAsync());
            await ExpectAsync(other.SendAsync("DELETE", $"/v2/app/blobs/{digest}"), HttpStatusCode.Accepted);
            await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/blobs/{digest}"), HttpStatusCode.NotFound, "BLOB_UNKNOWN");
        }
    }

    [Fact]
    public async Task A_blob_that_goes_between_a_look_and_the_manifest_is_named_and_can_be_pushed_again()
    {
        var image = await Registry.PrepareImageAsync("app", 1);
        var layer = image.Content.Blobs[1].Digest;
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{layer}"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/blobs/{layer}"), HttpStatusCode.Accepted);
        using var refused = await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.BadRequest, "MANIFEST_BLOB_UNKNOWN");
        Assert.Contains(layer.ToString(), await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.NotFound, "MANIFEST_UNKNOWN");
    }

    [Theory]
    [InlineData("/v2/app/manifests/none")]
    [InlineData("/v2/app/manifests/" + None)]
    [InlineData("/v2/app/blobs/" + None)]
    public async Task What_is_not_there_cannot_be_deleted(string path) => await ExpectAsync(Registry.SendAsync("DELETE", path), HttpStatusCode.NotFound);

    [Fact]
    public async Task A_referrer_deleted_is_no_longer_listed_and_the_others_are()
    {
        var subject = await PushAsync("a");
        List<Manifest> referrers = [];
        for (var i = 0; i < 2; i++)
        {
            referrers.Add(await Registry.PrepareImageAsync("app", 1, m => m.Subject = subject.Descriptor));
            await ExpectAsync(Registry.PutManifestAsync("app", referrers[i].Digest.ToString(), referrers[i]), HttpStatusCode.Created);
        }

        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/manifests/{referrers[0].Digest}"), HttpStatusCode.Accepted);
        using var list = await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/referrers/{subject.Digest}"), HttpStatusCode.OK);
        var body = await list.Content.ReadAsStringAsync();
        Assert.DoesNotContain(referrers[0].Digest.ToString(), body, StringComparison.Ordinal);
        Assert.Contains(referrers[1].Digest.ToString(), body, StringComparison.Ordinal);
    }

    private async Task<Manifest> PushAsync(params string[] tags)
    {
        var image = await Registry.PrepareImageAsync("app");
        foreach (var tag in tags) await ExpectAsync(Registry.PutManifestAsync("app", tag, image), HttpStatusCode.Created);
        return image;
    }
}

public sealed class DeleteTestsInMemory(InMemoryStorage storage) : DeleteTests(storage), IClassFixture<InMemoryStorage>;

public sealed class DeleteTestsOnLocalDisk(LocalDisk storage) : DeleteTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class DeleteTestsOnAzurite(AzuriteStorage storage) : DeleteTests(storage);
