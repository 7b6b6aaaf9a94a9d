using System.Net;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>Pushers of deprecated content are told, and their push succeeds.</summary>
public abstract class WarningTests(IStorageKind storage) : RegistryTest(storage)
{
    [Theory]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")]
    [InlineData("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")]
    public async Task A_non_distributable_layer_is_deprecated(string mediaType)
    {
        var foreign = new Descriptor(mediaType, RegistryServer.DigestOf([1]), 1) { Urls = ["https://example.com/layer"] };
        var image = await Registry.PrepareImageAsync("app", 1, m => m.Append(foreign));
        using var put = await ExpectAsync(Registry.PutManifestAsync("app", "v1", image), HttpStatusCode.Created);
        Assert.StartsWith("299 - \"Non-distributable layers are deprecated", Header(put, "Warning"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sha256-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)]
    [InlineData("sha512-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true)]
    [InlineData("sha256-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.sig", false)]
    [InlineData("v1", false)]
    public async Task The_tag_of_the_older_referrers_scheme_is_deprecated(string tag, bool warned)
    {
        var image = await Registry.PrepareImageAsync("app");
        using var put = await ExpectAsync(Registry.PutManifestAsync("app", tag, image), HttpStatusCode.Created);
        Assert.Equal(warned, Header(put, "Warning").StartsWith("299 - \"The referrers tag schema", StringComparison.Ordinal));
        await ExpectAsync(Registry.SendAsync("GET", $"/v2/app/manifests/{tag}"), HttpStatusCode.OK);
    }
}

public sealed class WarningTestsInMemory(InMemoryStorage storage) : WarningTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class WarningTestsOnAzurite(AzuriteStorage storage) : WarningTests(storage);
