using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.Oci.ManifestJson;

namespace Serverless.Registry.Tests.Oci;

public sealed class DescriptorTests
{
    private const string Foreign = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip";

    [Fact]
    public void A_layer_needs_no_more_than_a_digest()
    {
        var layers = Parse(Image(layers: $$"""[{"digest":"{{DigestText}}"},{"mediaType":"","digest":"{{DigestText}}","size":null},{{Layer}}]""")).Content.Blobs.Skip(1).ToList();
        Assert.Equal([MediaTypes.OctetStream, MediaTypes.OctetStream], layers.Take(2).Select(l => l.MediaType));
        AssertRefused("needs a 'mediaType'", Image(config: $$"""{"digest":"{{DigestText}}","size":1}"""));
        AssertRefused("needs a 'mediaType'", Index(manifests: $$"""[{"digest":"{{DigestText}}","size":1}]"""));
        AssertRefused("needs a 'mediaType'", Index(more: $$""","subject":{"digest":"{{DigestText}}","size":1}"""));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1e400")]
    [InlineData("9223372036854775808")]
    [InlineData("\"32\"")]
    [InlineData("null")]
    [InlineData("true")]
    public void A_size_must_be_a_count_of_bytes(string size)
    {
        var wrong = $$"""{"mediaType":"a/b","digest":"{{DigestText}}","size":{{size}}}""";
        AssertRefused("needs a 'size'", Image(config: wrong));
        if (size != "null") AssertRefused("needs a 'size'", Image(layers: $"[{Layer},{wrong}]"));
        AssertRefused("needs a 'size'", Index(manifests: $"[{wrong}]"));
        AssertRefused("needs a 'size'", Index(more: $",\"subject\":{wrong}"));
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void A_size_goes_from_zero_to_the_largest_64_bit_number(string size, long expected) =>
        Assert.Equal(expected, Parse(Image(config: $$"""{"mediaType":"a/b","digest":"{{DigestText}}","size":{{size}}}""")).Content.Blobs[0].Size);

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    [InlineData("\"latest\"")]
    [InlineData("\"sha256:abc\"")]
    [InlineData("\"md5:d41d8cd98f00b204e9800998ecf8427e\"")]
    [InlineData("\"sha256:44136FA355B3678A1146AD16F7E8649E94FB4FC21FE77E8310C060F61CAAFF8A\"")]
    public void A_digest_must_be_one(string digest) =>
        AssertRefused("needs a sha256 or sha512 'digest'", Image(config: $$"""{"mediaType":"a/b","digest":{{digest}},"size":2}"""));

    [Theory]
    [InlineData("")]
    [InlineData("\"mediaType\":null,")]
    [InlineData("\"mediaType\":\"\",")]
    public void A_media_type_must_be_there(string member) =>
        AssertRefused("needs a 'mediaType'", Index(manifests: $$"""[{{{member}}"digest":"{{DigestText}}","size":2}]"""));

    [Theory]
    [InlineData("\"mediaType\":1,\"digest\":\"D\",\"size\":2", "'mediaType' has the wrong JSON type")]
    [InlineData("\"mediaType\":\"a/b\",\"digest\":1,\"size\":2", "'digest' has the wrong JSON type")]
    [InlineData("\"mediaType\":\"a/b\",\"digest\":\"D\",\"size\":2,\"urls\":\"x\"", "'urls' has the wrong JSON type")]
    [InlineData("\"mediaType\":\"a/b\",\"digest\":\"D\",\"size\":2,\"urls\":[1]", "'urls' must hold strings")]
    [InlineData("\"mediaType\":\"a/b\",\"digest\":\"D\",\"size\":2,\"annotations\":{\"x\":1}", "'annotations' must hold strings")]
    [InlineData("\"mediaType\":\"a/b\",\"digest\":\"D\",\"size\":2,\"artifactType\":{}", "'artifactType' has the wrong JSON type")]
    public void A_member_of_the_wrong_type_is_refused(string members, string words) =>
        AssertRefused(words, Image(layers: "[{" + members.Replace("\"D\"", $"\"{DigestText}\"", StringComparison.Ordinal) + "}]"));

    [Fact]
    public void A_list_of_other_things_is_refused()
    {
        AssertRefused("a descriptor is not an object", Image(layers: $"[\"{DigestText}\"]"));
        AssertRefused("a descriptor is not an object", Index(manifests: "[null]"));
        AssertRefused("'layers' has the wrong JSON type", Image(layers: "{}"));
        AssertRefused("'config' has the wrong JSON type", Image(config: "[]"));
    }

    [Fact]
    public void Urls_annotations_and_artifact_type_are_read()
    {
        var layer = Parse(Image(layers: $$"""[{{Layer[..^1]}},"urls":["https://a.example/b"],"annotations":{"t":"x"},"artifactType":"a/c"}]""")).Content.Blobs[1];
        Assert.Equal(["https://a.example/b"], layer.Urls);
        Assert.Equal("x", layer.Annotations?["t"]);
        Assert.Equal("a/c", layer.ArtifactType);
    }

    [Theory]
    [InlineData(Foreign, true, true)]
    [InlineData(Foreign, false, false)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar", true, true)]
    [InlineData("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd", true, true)]
    [InlineData(MediaTypes.OciLayerGzip, true, false)]
    public void Only_a_non_distributable_layer_that_says_where_it_is_may_be_absent(string mediaType, bool hasUrl, bool mayBeAbsent) =>
        Assert.Equal(mayBeAbsent, new Descriptor(mediaType, Digest.Parse(DigestText), 1) { Urls = hasUrl ? ["https://a.example/b"] : [] }.MayBeAbsent);
}
