using Serverless.Cli.Copying;
using Xunit;

namespace Serverless.Cli.Tests;

public sealed class CopySourceTests
{
    private const string Digest = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Theory]
    [InlineData("docker.io/library/alpine:3.22", "docker.io", "library/alpine", "3.22")]
    [InlineData("https://registry.example/team/app:v1", "https://registry.example", "team/app", "v1")]
    [InlineData("http://localhost:5000/app:v1", "http://localhost:5000", "app", "v1")]
    [InlineData("localhost/app", "localhost", "app", null)]
    [InlineData("127.0.0.1:5000/app@" + Digest, "127.0.0.1:5000", "app", Digest)]
    [InlineData("ghcr.io/owner/app:v1@" + Digest, "ghcr.io", "owner/app", Digest)]
    public void An_image_of_a_registry_has_its_host(string text, string registry, string name, string? reference)
    {
        var source = CopySource.Find(text);
        Assert.Equal((registry, name, reference, null), (source?.Registry, source?.Name.ToString(), source?.Reference?.ToString(), source?.Layout));
    }

    [Theory]
    [InlineData("oci:/tmp/no/such", "/tmp/no/such", null)]
    [InlineData("oci:images:v1", "images", "v1")]
    public void A_layout_is_a_folder(string text, string folder, string? tag)
    {
        var source = CopySource.Find(text);
        Assert.Equal((folder, tag, null), (source?.Layout, source?.Reference?.ToString(), source?.Registry));
    }

    [Theory]
    [InlineData("")]
    [InlineData("alpine")]
    [InlineData("alpine:3")]
    [InlineData("library/alpine:3")]
    [InlineData("docker.io/")]
    [InlineData("docker.io/UPPER:v1")]
    [InlineData("docker.io/app:")]
    [InlineData("docker.io/app:-v1")]
    [InlineData("docker.io/app@sha256:abc")]
    [InlineData("ftp://docker.io/app:v1")]
    [InlineData("oci:")]
    [InlineData("oci:folder:not a tag")]
    public void What_could_mean_several_things_or_nothing_is_refused(string text) => Assert.Null(CopySource.Find(text));
}
