using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>For how long the locations of an upload are good.</summary>
public abstract class UploadLifeTests(IStorageKind storage) : UploadTest(storage)
{
    [Fact]
    public async Task An_upload_ends_with_its_lifetime()
    {
        var location = await PatchAsync(await Registry.StartUploadAsync("app"), Content, 300);
        Time.Advance(TimeSpan.FromHours(11));
        await ExpectAsync(Registry.SendAsync("GET", location), HttpStatusCode.NoContent);
        Time.Advance(TimeSpan.FromHours(1));
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
    }

    [Fact]
    public async Task An_upload_that_has_not_begun_within_an_hour_never_does()
    {
        var location = await Registry.StartUploadAsync("app");
        Time.Advance(TimeSpan.FromMinutes(61));
        var before = await SnapshotAsync();
        await ExpectAsync(Registry.SendAsync("GET", location), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("PATCH", location, Content), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}", Content), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={RegistryServer.DigestOf([])}"), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("DELETE", location), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        Assert.Equal(before, await SnapshotAsync());
    }

    [Fact]
    public async Task An_upload_that_has_begun_is_found_by_its_first_location_after_an_hour_too()
    {
        var first = await Registry.StartUploadAsync("app");
        await PatchAsync(first, Content[..100], 100);
        Time.Advance(TimeSpan.FromHours(3));
        // The answer to the first chunk was lost: whether it is sent again or asked after, the upload tells how far it is.
        using var again = await ExpectAsync(Registry.SendAsync("PATCH", first, Content[..100]), HttpStatusCode.RequestedRangeNotSatisfiable, "BLOB_UPLOAD_INVALID");
        Assert.Equal("0-99", Header(again, "Range"));
        using var status = await ExpectAsync(Registry.SendAsync("GET", first), HttpStatusCode.NoContent);
        var location = await PatchAsync(status.Headers.Location!.OriginalString, Content[100..], 300);
        await ExpectAsync(Registry.SendAsync("PUT", $"{location}&digest={ContentDigest}"), HttpStatusCode.Created);
        await AssertStoredAsync();
    }
}

public sealed class UploadLifeTestsInMemory(InMemoryStorage storage) : UploadLifeTests(storage), IClassFixture<InMemoryStorage>
{
    // Here storage's clock is moved with the app's: that of the session's row decides.
    [Fact]
    public async Task A_finish_that_is_sent_again_after_ten_minutes_does_not_bring_back_what_was_deleted()
    {
        var content = RegistryServer.RandomBytes(100);
        var digest = RegistryServer.DigestOf(content);
        using var patch = await ExpectAsync(Registry.SendAsync("PATCH", await Registry.StartUploadAsync("app"), content), HttpStatusCode.Accepted);
        var finish = $"{patch.Headers.Location!.OriginalString}&digest={digest}";
        await ExpectAsync(Registry.SendAsync("PUT", finish), HttpStatusCode.Created);
        Time.Advance(TimeSpan.FromMinutes(9));
        await ExpectAsync(Registry.SendAsync("PUT", finish), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("DELETE", $"/v2/app/blobs/{digest}"), HttpStatusCode.Accepted);
        // Storage tells its time to the second.
        Time.Advance(TimeSpan.FromSeconds(61));
        await ExpectAsync(Registry.SendAsync("PUT", finish), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("DELETE", patch.Headers.Location!.OriginalString), HttpStatusCode.NotFound, "BLOB_UPLOAD_UNKNOWN");
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/app/blobs/{digest}"), HttpStatusCode.NotFound);
    }
}

[Collection(AzuriteCollection.Name)]
public sealed class UploadLifeTestsOnAzurite(AzuriteStorage storage) : UploadLifeTests(storage);
