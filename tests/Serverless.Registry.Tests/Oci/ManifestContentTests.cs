using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.Oci.ManifestJson;

namespace Serverless.Registry.Tests.Oci;

/// <summary>Artifact type, subject and annotations.</summary>
public sealed class ManifestContentTests
{
    [Theory]
    [InlineData("", MediaTypes.OciConfig)]
    [InlineData(",\"artifactType\":null", MediaTypes.OciConfig)]
    [InlineData(",\"artifactType\":\"\"", MediaTypes.OciConfig)]
    [InlineData(",\"artifactType\":\"application/x\"", "application/x")]
    public void The_artifact_type_of_an_image_is_its_own_or_that_of_the_config(string member, string expected)
    {
        Assert.Equal(expected, Parse(Image(more: member)).Content.ArtifactType);
        Assert.Equal(expected, Parse(Image(more: member)).Descriptor.ArtifactType);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData(",\"artifactType\":\"\"", null)]
    [InlineData(",\"artifactType\":\"application/x\"", "application/x")]
    public void The_artifact_type_of_an_index_is_its_own_or_none(string member, string? expected) =>
        Assert.Equal(expected, Parse(Index(more: member)).Content.ArtifactType);

    [Fact]
    public void A_subject_is_a_descriptor()
    {
        Assert.Equal(Digest.Parse(DigestText), Parse(Image(more: $",\"subject\":{Child}")).Content.Subject?.Digest);
        Assert.Equal(321, Parse(Index(more: $",\"subject\":{Child}")).Content.Subject?.Size);
        Assert.Null(Parse(Image(more: ",\"subject\":null")).Content.Subject);
        Assert.Null(Parse(Image()).Content.Subject);
        AssertRefused("descriptor needs", Image(more: ",\"subject\":{}"));
        AssertRefused("'subject' has the wrong JSON type", Index(more: $",\"subject\":\"{DigestText}\""));
    }

    [Fact]
    public void Annotations_are_strings()
    {
        Assert.Equal(new Dictionary<string, string> { ["a"] = "1", [""] = "" }, Parse(Image(more: ",\"annotations\":{\"a\":\"1\",\"\":\"\"}")).Content.Annotations);
        Assert.Null(Parse(Image(more: ",\"annotations\":{}")).Content.Annotations);
        Assert.Null(Parse(Index(more: ",\"annotations\":null")).Content.Annotations);
        AssertRefused("'annotations' must hold strings", Image(more: ",\"annotations\":{\"a\":1}"));
        Assert.Equal(new Dictionary<string, string> { ["a"] = "" }, Parse(Image(more: ",\"annotations\":{\"a\":null}")).Content.Annotations);
        AssertRefused("'annotations' has the wrong JSON type", Index(more: ",\"annotations\":[]"));
    }

    [Fact]
    public void The_descriptor_of_a_manifest_carries_what_a_referrers_list_shows()
    {
        var manifest = Parse(Image(more: ",\"artifactType\":\"application/x\",\"annotations\":{\"a\":\"1\"}"));
        var descriptor = manifest.Descriptor;
        Assert.Equal((MediaTypes.OciManifest, manifest.Digest, manifest.Payload.Length), (descriptor.MediaType, descriptor.Digest, (int)descriptor.Size));
        Assert.Equal("application/x", descriptor.ArtifactType);
        Assert.Equal("1", descriptor.Annotations?["a"]);
    }

    [Theory]
    [InlineData("\"artifactType\":1")]
    [InlineData("\"artifactType\":[]")]
    [InlineData("\"artifactType\":false")]
    public void An_artifact_type_of_the_wrong_type_is_refused(string member) => AssertRefused("has the wrong JSON type", Image(more: "," + member));
}
