using System.Net;
using System.Text;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Protocol;

/// <summary>What an operator may set beyond the specification: rules for manifests, and where the registry lives.</summary>
public abstract class OperatorRuleTests(IStorageKind storage) : RegistryTest(storage)
{
    [Theory]
    [InlineData("https://good.example/layer", true)]
    [InlineData("https://good.example/secret/layer", false)]
    [InlineData("https://evil.example/layer", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("https://good.example/layer#part", false)]
    [InlineData("not a url", false)]
    public async Task Urls_in_descriptors_must_be_allowed_and_not_denied(string url, bool allowed)
    {
        await using var registry = await StartAnotherAsync(@"Validation:Urls:Allow:0=^https://good\.example/", "Validation:Urls:Deny:0=/secret/");
        var foreign = new Descriptor("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", RegistryServer.DigestOf([1]), 1) { Urls = [url] };
        var image = await registry.PrepareImageAsync("app", 1, m => m.Append(foreign));
        await ExpectAsync(registry.PutManifestAsync("app", "v1", image), allowed ? HttpStatusCode.Created : HttpStatusCode.BadRequest, allowed ? null : "MANIFEST_INVALID");
    }

    [Theory]
    [InlineData("none", HttpStatusCode.Created)]
    [InlineData("all", HttpStatusCode.BadRequest)]
    [InlineData("listed", HttpStatusCode.Created)]
    public async Task An_index_needs_the_children_that_the_operator_demands(string platforms, HttpStatusCode status)
    {
        await using var registry = await StartAnotherAsync($"Validation:IndexPlatforms={platforms}", "Validation:IndexPlatformList:0=linux/amd64");
        var amd = await registry.PrepareImageAsync("app");
        await ExpectAsync(registry.PutManifestAsync("app", amd.Digest.ToString(), amd), HttpStatusCode.Created);
        var index = Index((amd.Digest, amd.Payload.Length, "amd64"), (RegistryServer.DigestOf([5]), 1, "arm64"));
        await ExpectAsync(registry.SendAsync("PUT", "/v2/app/manifests/multi", index, MediaTypes.OciIndex), status);
        var other = Index((RegistryServer.DigestOf([6]), 1, "amd64"));
        await ExpectAsync(
            registry.SendAsync("PUT", "/v2/app/manifests/other", other, MediaTypes.OciIndex), platforms == "none" ? HttpStatusCode.Created : HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task Below_a_prefix_everything_is_there_and_nothing_elsewhere()
    {
        await using var registry = await StartAnotherAsync("Prefix=/team-registry/");
        using var start = await ExpectAsync(registry.SendAsync("POST", "/team-registry/v2/app/blobs/uploads/"), HttpStatusCode.Accepted);
        Assert.StartsWith("/team-registry/v2/app/blobs/uploads/", start.Headers.Location!.OriginalString, StringComparison.Ordinal);
        await ExpectAsync(registry.SendAsync("GET", "/team-registry/v2/"), HttpStatusCode.OK);
        await ExpectAsync(registry.SendAsync("GET", "/"), HttpStatusCode.OK);
        await ExpectAsync(registry.SendAsync("GET", "/v2/"), HttpStatusCode.NotFound);
        await ExpectAsync(registry.SendAsync("GET", "/team-registryv2/"), HttpStatusCode.NotFound);
        await using var named = await StartAnotherAsync("Prefix=/x", "PublicUrl=https://registry.example");
        using var absolute = await named.SendAsync("POST", "/x/v2/app/blobs/uploads/");
        Assert.StartsWith("https://registry.example/x/v2/app/blobs/uploads/", absolute.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    private static byte[] Index(params (Digest Digest, int Size, string Architecture)[] children)
    {
        var list = children.Select(c =>
            $$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{c.Digest}}}","size":{{{c.Size}}},"platform":{"os":"linux","architecture":"{{{c.Architecture}}}"}}""");
        return Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{{string.Join(',', list)}}]}""");
    }
}

public sealed class OperatorRuleTestsInMemory(InMemoryStorage storage) : OperatorRuleTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class OperatorRuleTestsOnAzurite(AzuriteStorage storage) : OperatorRuleTests(storage);
