using Serverless.Web.Remotes;
using Xunit;

namespace Serverless.Web.Tests.Remotes;

public sealed class RemoteImageTests
{
    private const string Zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData("ghcr.io/org/app:v1", "ghcr.io", "org/app", "v1")]
    [InlineData("https://ghcr.io/org/app:v1", "https://ghcr.io", "org/app", "v1")]
    [InlineData("http://127.0.0.1:5000/app", "http://127.0.0.1:5000", "app", null)]
    [InlineData("localhost/app", "localhost", "app", null)]
    [InlineData("host:5000/a/b", "host:5000", "a/b", null)]
    [InlineData("https://registry/app:v1", "https://registry", "app", "v1")]
    [InlineData("ghcr.io/org/app@" + Zeros, "ghcr.io", "org/app", Zeros)]
    public void A_text_names_a_registry_a_repository_and_perhaps_an_image(string text, string registry, string name, string? reference)
    {
        var image = RemoteImage.Find(text);
        Assert.NotNull(image);
        Assert.Equal((registry, name, reference), (image.Registry, image.Name.ToString(), image.Reference?.ToString()));
        Assert.Equal(text, image.ToString());
    }

    [Fact]
    public void With_tag_and_digest_the_digest_says_which_it_is() => Assert.Equal("ghcr.io/org/app@" + Zeros, RemoteImage.Find("ghcr.io/org/app:v1@" + Zeros)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("app:v1")]
    [InlineData("org/app:v1")]
    [InlineData("ghcr.io")]
    [InlineData("ghcr.io/")]
    [InlineData("/app")]
    [InlineData("ghcr.io/App")]
    [InlineData("ghcr.io/app:")]
    [InlineData("ghcr.io/app:v1:v2")]
    [InlineData("ghcr.io/app@sha256:0")]
    [InlineData("ftp://ghcr.io/app")]
    [InlineData("ghcr.io/app?x=y")]
    public void Another_text_names_nothing(string text) => Assert.Null(RemoteImage.Find(text));
}
