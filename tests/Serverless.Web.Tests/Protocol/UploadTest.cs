using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>Content that is uploaded in one way or another, and a look at what is stored of it.</summary>
public abstract class UploadTest(IStorageKind storage) : RegistryTest(storage)
{
    protected static byte[] Content { get; } = RegistryServer.RandomBytes(300);

    protected static Digest ContentDigest { get; } = RegistryServer.DigestOf(Content);

    protected async Task<string> PatchAsync(string location, byte[] chunk, long size, params (string Name, string Value)[] headers)
    {
        using var answer = await ExpectAsync(Registry.SendAsync("PATCH", location, chunk, MediaTypes.OctetStream, headers), HttpStatusCode.Accepted);
        Assert.Equal(size == 0 ? "0-0" : $"0-{size - 1}", Header(answer, "Range"));
        Assert.NotEmpty(Header(answer, "Docker-Upload-UUID"));
        return answer.Headers.Location!.OriginalString;
    }

    protected async Task AssertStoredAsync()
    {
        var audit = (await Testing.StoreAudit.ReadAsync(Registry.Stores)).AssertSound();
        Assert.Empty(audit.OrphanObjects);
        var isReachable = await Registry.Stores.Objects.SignReadAsync("data/any", TimeSpan.FromMinutes(1), default) is not null;
        using var get = await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/blobs/{ContentDigest}"), isReachable ? HttpStatusCode.TemporaryRedirect : HttpStatusCode.OK);
        using var anybody = new HttpClient();
        Assert.Equal(Content, isReachable ? await anybody.GetByteArrayAsync(get.Headers.Location) : await get.Content.ReadAsByteArrayAsync());
    }
}
