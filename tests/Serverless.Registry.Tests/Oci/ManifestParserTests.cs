using System.Text;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.Oci.ManifestJson;

namespace Serverless.Registry.Tests.Oci;

public sealed class ManifestParserTests
{
    [Fact]
    public void An_image_names_its_config_and_then_its_layers()
    {
        var manifest = Parse(Image());
        Assert.Equal([(MediaTypes.OciConfig, 2), (MediaTypes.OciLayerGzip, 32)], manifest.Content.Blobs.Select(b => (b.MediaType, (int)b.Size)));
        Assert.Empty(manifest.Content.Manifests);
        Assert.Equal(2, manifest.References.Count());
    }

    [Fact]
    public void An_index_names_its_children()
    {
        var manifest = Parse(Index());
        var child = Assert.Single(manifest.Content.Manifests);
        Assert.Equal((MediaTypes.OciManifest, Digest.Parse(DigestText), 321), (child.MediaType, child.Digest, (int)child.Size));
        Assert.Empty(manifest.Content.Blobs);
    }

    [Fact]
    public void Lists_that_are_null_or_left_out_are_empty()
    {
        Assert.Single(Parse(Image(layers: "null")).Content.Blobs);
        Assert.Single(Parse($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{ImageConfig}}}""").Content.Blobs);
        Assert.Empty(Parse(Index(manifests: "null")).Content.Manifests);
    }

    [Fact]
    public void A_manifest_of_two_kinds_is_refused()
    {
        AssertRefused("cannot have 'manifests'", Image(more: $",\"manifests\":[{Child}]"));
        AssertRefused("cannot have 'manifests'", Image(more: ",\"manifests\":null"));
        AssertRefused("cannot have 'layers'", Index(more: $",\"layers\":[{Layer}]"));
        AssertRefused("cannot have a 'config'", Index(more: $",\"config\":{ImageConfig}"));
    }

    [Fact]
    public void What_makes_up_a_manifest_must_be_there()
    {
        AssertRefused("needs a 'config'", $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","layers":[]}""");
        AssertRefused("needs a 'config'", Image(config: "null"));
        AssertRefused("needs 'manifests'", $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}"}""");
    }

    [Theory]
    [InlineData("")]
    [InlineData("\"schemaVersion\":3,")]
    [InlineData("\"schemaVersion\":2.5,")]
    [InlineData("\"schemaVersion\":\"2\",")]
    [InlineData("\"schemaVersion\":null,")]
    [InlineData("\"schemaVersion\":99999999999,")]
    public void Another_schema_version_is_refused(string member) =>
        AssertRefused("'schemaVersion' must be 2", $$"""{{{member}}"mediaType":"{{MediaTypes.OciIndex}}","manifests":[]}""");

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("nothing")]
    [InlineData("{} {}")]
    [InlineData("{\"schemaVersion\":2,}")]
    [InlineData("{/* why */\"schemaVersion\":2}")]
    [InlineData("\ufeff{\"schemaVersion\":2}")]
    public void What_is_not_strict_JSON_is_refused(string json) => AssertRefused("not valid JSON at byte", json, MediaTypes.OciIndex);

    [Theory]
    [InlineData("{\"schemaVersion\":2,\"schemaVersion\":2}")]
    [InlineData("{\"schemaVersion\":2,\"schema\\u0056ersion\":2}")]
    [InlineData("{\"schemaVersion\":2,\"x\":[{\"schemaVersion\":1,\"schemaVersion\":1}]}")]
    public void A_name_that_comes_twice_is_refused_anywhere(string json) => AssertRefused("the name 'schemaVersion' comes twice in one object", json, MediaTypes.OciIndex);

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("2")]
    [InlineData("\"manifest\"")]
    public void What_is_not_an_object_is_refused(string json) => AssertRefused("not a JSON object", json, MediaTypes.OciIndex);

    [Theory]
    [InlineData("annotations")]
    [InlineData("an\\u006eotations")]
    public void A_duplicate_is_found_however_it_is_spelled(string name) =>
        AssertRefused("the name 'annotations' comes twice", Index(more: $$""","annotations":{},"{{name}}":{}"""));

    [Theory]
    [InlineData("a", "\\u0061")]
    [InlineData("a", "a")]
    [InlineData("\\ud83d\\ude00", "\ud83d\ude00")]
    public void A_duplicate_annotation_is_refused(string first, string second) =>
        AssertRefused("comes twice", Index(more: $$""","annotations":{"{{first}}":"1","{{second}}":"2"}"""));

    [Fact]
    public void Depth_is_bounded()
    {
        Assert.NotNull(Parse(Index(more: ",\"x\":" + Nested(31))));
        AssertRefused("nested deeper than 32 levels", Index(more: ",\"x\":" + Nested(32)));
        AssertRefused("nested deeper than 32 levels", Index(more: ",\"x\":" + Nested(100_000)));

        static string Nested(int depth) => new string('[', depth) + new string(']', depth);
    }

    [Fact]
    public void Unknown_members_are_kept_and_the_bytes_stay_as_they_were()
    {
        var text = "  " + Image(config: ImageConfig[..^1] + ",\"platform\":{\"os\":\"x\"}}", more: ",\"future\":[1,{\"a\":null}],\"\u00e4\":\"\\u00e4\"") + "\r\n";
        var payload = Encoding.UTF8.GetBytes(text);
        var manifest = ManifestTypes.Default.Parse(null, payload);
        Assert.Equal(payload, manifest.Payload.ToArray());
        Assert.Equal(Digest.Compute(DigestAlgorithm.Sha256, payload), manifest.Digest);
        Assert.Equal(Digest.Compute(DigestAlgorithm.Sha512, payload), ManifestTypes.Default.Parse(null, payload, DigestAlgorithm.Sha512).Digest);
    }
}
