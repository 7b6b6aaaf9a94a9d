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
    public async Task A_pull_by_tag_is_noted_once_in_an_hour_and_nothing_else_is()
    {
        var image = await Registry.PrepareImageAsync("app");
        await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("HEAD", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{image.Digest}"), HttpStatusCode.OK);
        Assert.Null(await LastPullAsync());
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        Assert.NotNull(await LastPullAsync());
        Registry.Probe.Reset();
        await ExpectAsync(Registry.SendAsync("GET", "/v2/app/manifests/v1"), HttpStatusCode.OK);
        // At most a look at the switches, which is due every five seconds.
        Assert.InRange(Registry.Probe.Counts.Table, 1, 2);
    }

    private Task<DateTimeOffset?> LastPullAsync() => new ContainerRegistry(Registry.Stores.Tables, Registry.Stores.Objects, new RegistryOptions(), Time)
        .GetRepository(RepositoryName.Parse("app")).Tags.FindLastPullAsync(Tag.Parse("v1"), default);
}

public sealed class PullNoteTestsInMemory(InMemoryStorage storage) : PullNoteTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class PullNoteTestsOnAzurite(AzuriteStorage storage) : PullNoteTests(storage);
