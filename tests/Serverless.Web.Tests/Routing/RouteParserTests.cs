using Serverless.Registry.Oci;
using Serverless.Web.Routing;
using Xunit;

namespace Serverless.Web.Tests.Routing;

public sealed class RouteParserTests
{
    [Theory]
    [InlineData("/v2/a/manifests/v1", "a")]
    [InlineData("/v2/a/b/c/manifests/v1", "a/b/c")]
    [InlineData("/v2/manifests/manifests/manifests", "manifests")]
    [InlineData("/v2/a/manifests/b/manifests/v1", "a/manifests/b")]
    [InlineData("/v2/a/blobs/uploads/manifests/v1", "a/blobs/uploads")]
    [InlineData("/v2/v2/manifests/v1", "v2")]
    public void A_manifest_is_read_from_the_end(string path, string name) =>
        Assert.Equal(name, Assert.IsType<RegistryRoute.Manifest>(RouteParser.Parse(path)).Name.ToString());

    [Theory]
    [InlineData("/v2/a/blobs/x", "a", "x")]
    [InlineData("/v2/blobs/blobs/x", "blobs", "x")]
    [InlineData("/v2/a/manifests/blobs/x", "a/manifests", "x")]
    [InlineData("/v2/blobs/uploads/blobs/x", "blobs/uploads", "x")]
    public void A_blob_is_read_from_the_end(string path, string name, string digest)
    {
        var route = Assert.IsType<RegistryRoute.Blob>(RouteParser.Parse(path));
        Assert.Equal((name, digest), (route.Name.ToString(), route.Digest));
    }

    [Theory]
    [InlineData("/v2/a/blobs/uploads/", "a")]
    [InlineData("/v2/a/blobs/uploads", "a")]
    [InlineData("/v2/blobs/uploads/blobs/uploads/", "blobs/uploads")]
    public void The_start_of_an_upload_is_read_from_the_end(string path, string name) =>
        Assert.Equal(name, Assert.IsType<RegistryRoute.Uploads>(RouteParser.Parse(path)).Name.ToString());

    [Theory]
    [InlineData("/v2/a/blobs/uploads/x", "a")]
    [InlineData("/v2/a/blobs/uploads/blobs/uploads/x", "a/blobs/uploads")]
    public void An_upload_is_read_from_the_end(string path, string name) =>
        Assert.Equal(name, Assert.IsType<RegistryRoute.Upload>(RouteParser.Parse(path)).Name.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("//")]
    [InlineData("/v2//")]
    [InlineData("/v3/")]
    [InlineData("/v2/a")]
    [InlineData("/v2/a/manifests/v1/")]
    [InlineData("/v2/a/manifests//")]
    [InlineData("/v2/a/blobs/uploads/x/")]
    [InlineData("/v2/blobs/uploads/")]
    [InlineData("/v2/a%2Fmanifests%2Fv1")]
    [InlineData("/v2/a%2fb/manifests/v1")]
    [InlineData("/v2/a%252fb/manifests/v1")]
    [InlineData("http://host/v2/")]
    public void Any_other_spelling_is_no_route(string path) => Assert.Null(RouteParser.Parse(path));

    [Theory]
    [InlineData("/v2/A/manifests/v1")]
    [InlineData("/v2//a/manifests/v1")]
    [InlineData("/v2/a//manifests/v1")]
    [InlineData("/v2/../manifests/v1")]
    [InlineData("/v2/a/%2e%2e/manifests/v1")]
    [InlineData("/v2/a%0a/manifests/v1")]
    [InlineData("/v2/a%00/manifests/v1")]
    public void A_name_outside_the_grammar_is_invalid(string path) =>
        Assert.Equal(RegistryError.NameInvalid, Assert.Throws<RegistryException>(() => RouteParser.Parse(path)).Error);
}
