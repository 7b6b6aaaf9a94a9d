using System.Net;
using Serverless.Registry;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>When a tag was last pulled is noted at little cost.</summary>
public abstract class PullNoteTests(IStorageKind storage) : RegistryTest(storage)
{
    protected override string[] Settings => ["Tags:NotePulls=true"];

    [Fact]
    public async Task A_pull_by_tag_is_noted_once_in_an_hour()
    {
        await PushAsync();
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        Assert.NotNull(await LastPullAsync("v1"));
        Registry.Probe.Reset();
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        // At most a look at the switches, which is due every five seconds.
        Assert.InRange(Registry.Probe.Counts.Table, 1, 2);
    }

    [Fact]
    public async Task So_is_the_question_what_a_tag_is_now()
    {
        await PushAsync();
        await ExpectAsync(Registry.SendAsync("HEAD", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        Assert.NotNull(await LastPullAsync("v1"));
    }

    [Fact]
    public async Task A_pull_by_digest_is_noted_and_the_question_whether_it_is_there_is_not()
    {
        var digest = await PushAsync();
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/manifests/{digest}"), HttpStatusCode.OK);
        Assert.Null(await LastPullAsync(digest.ToString()));
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{digest}"), HttpStatusCode.OK);
        Assert.NotNull(await LastPullAsync(digest.ToString()));
        Assert.Null(await LastPullAsync("v1"));
    }

    private async Task<Digest> PushAsync()
    {
        var image = await Registry.PrepareImageAsync("app");
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.Created);
        return image.Digest;
    }

    private Task<DateTimeOffset?> LastPullAsync(string reference) => new ContainerRegistry(Registry.Stores.Tables, Registry.Stores.Objects, new RegistryOptions(), Time)
        .GetRepository(RepositoryName.Parse("app")).Tags.FindLastPullAsync(Reference.Parse(reference), default);
}

public sealed class PullNoteTestsInMemory(InMemoryStorage storage) : PullNoteTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class PullNoteTestsOnAzurite(AzuriteStorage storage) : PullNoteTests(storage);
