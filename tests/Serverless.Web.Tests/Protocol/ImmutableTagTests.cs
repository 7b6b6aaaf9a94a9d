using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

public abstract class ImmutableTagTests(IStorageKind storage) : RegistryTest(storage)
{
    protected override string[] Settings => ["Tags:Immutable:0:Repositories=team/*", "Tags:Immutable:0:Except:0=latest", "Tags:Immutable:0:Except:1=dev-*", "Tags:Immutable:1:Repositories=app", "Tags:Immutable:1:Tags=v*"];

    [Theory]
    [InlineData("team/app", "v1", true)]
    [InlineData("team/a/b", "anything", true)]
    [InlineData("team/app", "latest", false)]
    [InlineData("team/app", "dev-1", false)]
    [InlineData("app", "v1", true)]
    [InlineData("app", "w1", false)]
    [InlineData("other", "v1", false)]
    public async Task A_tag_that_a_rule_holds_for_cannot_be_moved_nor_deleted_in_any_way(string name, string tag, bool immutable)
    {
        var (first, second) = (await Registry.PrepareImageAsync(name), await Registry.PrepareImageAsync(name));
        await ExpectAsync(Registry.PutManifestAsync(name, tag, first), HttpStatusCode.Created);
        var status = immutable ? HttpStatusCode.Forbidden : HttpStatusCode.Created;
        await ExpectAsync(Registry.PutManifestAsync(name, tag, second), status, immutable ? "DENIED" : null);
        await ExpectAsync(Registry.PutManifestAsync(name, $"{second.Digest}?tag=free&tag={tag}", second), status, immutable ? "DENIED" : null);
        using var now = await Registry.SendAsync("HEAD", $"/v2/{name}/manifests/{tag}");
        Assert.Equal((immutable ? first : second).Digest.ToString(), Header(now, "Docker-Content-Digest"));
        if (!immutable) return;
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/{name}/manifests/{tag}"), HttpStatusCode.Forbidden, "DENIED");
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/{name}/manifests/{first.Digest}"), HttpStatusCode.Forbidden, "DENIED");
        foreach (var blob in first.Content.Blobs) await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/{name}/blobs/{blob.Digest}"), HttpStatusCode.Forbidden, "DENIED");
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/{name}/manifests/{tag}"), HttpStatusCode.OK);
        // Nothing of a refused request is applied, not even the tag that is free.
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/{name}/manifests/free"), HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Pushing_again_what_the_tag_points_at_is_fine()
    {
        var image = await Registry.PrepareImageAsync("app");
        for (var i = 0; i < 3; i++) await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.Created);
        var index = ManifestBuilder.ForIndex().Append(image.Descriptor).Build();
        for (var i = 0; i < 2; i++) await ExpectAsync(Registry.PutManifestAsync("app", "v2", index), HttpStatusCode.Created);
    }

    [Fact]
    public async Task Of_pushes_of_an_immutable_tag_at_once_one_is_accepted()
    {
        List<Manifest> images = [];
        for (var i = 0; i < 8; i++) images.Add(await Registry.PrepareImageAsync("app", 1));
        var answers = await Task.WhenAll(images.Select(i => Registry.PutManifestAsync("app", "v1", i)));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.Created);
        Assert.Equal(7, answers.Count(a => a.StatusCode == HttpStatusCode.Forbidden));
    }
}

public sealed class ImmutableTagTestsInMemory(InMemoryStorage storage) : ImmutableTagTests(storage), IClassFixture<InMemoryStorage>;

public sealed class ImmutableTagTestsOnLocalDisk(LocalDisk storage) : ImmutableTagTests(storage), IClassFixture<LocalDisk>;

[Collection(AzuriteCollection.Name)]
public sealed class ImmutableTagTestsOnAzurite(AzuriteStorage storage) : ImmutableTagTests(storage);
