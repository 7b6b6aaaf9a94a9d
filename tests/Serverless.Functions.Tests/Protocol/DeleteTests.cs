using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Functions.Tests.Protocol;

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

    [Fact]
    public async Task Of_deletions_at_once_each_is_accepted_or_finds_nothing()
    {
        var image = await PushAsync("a", "b");
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Registry.SendAsync("DELETE", $"/v2/app/manifests/{image.Digest}")));
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.NotFound, $"{a.StatusCode}"));
        Assert.Contains(answers, a => a.StatusCode == HttpStatusCode.Accepted);
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

[Collection(AzuriteCollection.Name)]
public sealed class DeleteTestsOnAzurite(AzuriteStorage storage) : DeleteTests(storage);
