using System.Text;
using System.Text.Json;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.Oci.ManifestJson;

namespace Serverless.Registry.Tests.Oci;

public sealed class ManifestTypesTests
{
    [Fact]
    public void Four_types_are_accepted()
    {
        string[] types = [MediaTypes.OciManifest, MediaTypes.OciIndex, MediaTypes.DockerManifest, MediaTypes.DockerManifestList];
        Assert.Equal(types.Order(), ManifestTypes.Default.All.Order());
        Assert.All(types, type => Assert.True(ManifestTypes.Default.Contains(type)));
        Assert.False(ManifestTypes.Default.Contains(MediaTypes.DockerManifestSchema1));
    }

    [Theory]
    [InlineData(MediaTypes.OciManifest, """{"schemaVersion":2,"config":CONFIG,"layers":[]}""")]
    [InlineData(MediaTypes.OciManifest, """{"schemaVersion":2,"mediaType":"TYPE","config":CONFIG,"layers":[]}""")]
    [InlineData(MediaTypes.OciIndex, """{"schemaVersion":2,"manifests":[]}""")]
    [InlineData(MediaTypes.OciIndex, """{"schemaVersion":2,"mediaType":"TYPE","manifests":[]}""")]
    [InlineData(MediaTypes.DockerManifest, """{"schemaVersion":2,"mediaType":"TYPE","config":CONFIG,"layers":[]}""")]
    [InlineData(MediaTypes.DockerManifestList, """{"schemaVersion":2,"mediaType":"TYPE","manifests":[]}""")]
    public void A_manifest_is_of_the_type_it_was_sent_as(string type, string json)
    {
        var manifest = Parse(json.Replace("TYPE", type, StringComparison.Ordinal).Replace("CONFIG", ImageConfig, StringComparison.Ordinal), type);
        Assert.Equal(type, manifest.MediaType);
    }

    [Fact]
    public void The_body_says_its_type_when_the_sender_does_not() => Assert.Equal(MediaTypes.OciIndex, Parse(Index()).MediaType);

    [Fact]
    public void A_type_that_nobody_says_is_refused() => AssertRefused("neither in Content-Type nor in the body", """{"schemaVersion":2,"manifests":[]}""");

    [Fact]
    public void Sender_and_body_must_agree_on_the_type()
    {
        AssertRefused("do not agree", Image(), MediaTypes.DockerManifest);
        AssertRefused("do not agree", Image(), MediaTypes.OciIndex);
        AssertRefused("do not agree", Index(), "application/json");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/octet-stream")]
    [InlineData("application/vnd.oci.image.config.v1+json")]
    [InlineData("")]
    public void Another_type_is_refused(string type) => AssertRefused("not accepted", """{"schemaVersion":2,"manifests":[]}""", type);

    [Fact]
    public void A_type_in_another_case_is_kept_as_everybody_writes_it() =>
        Assert.Equal(MediaTypes.OciIndex, ManifestTypes.Default.Parse("Application/vnd.oci.image.index.v1+JSON", TestRegistry.Utf8("""{"schemaVersion":2,"mediaType":"application/vnd.oci.IMAGE.index.v1+json","manifests":[]}""")).MediaType);

    [Theory]
    [InlineData(MediaTypes.DockerManifest, """{"schemaVersion":2,"config":CONFIG,"layers":[]}""")]
    [InlineData(MediaTypes.DockerManifestList, """{"schemaVersion":2,"manifests":[]}""")]
    public void A_Docker_manifest_must_say_its_type(string type, string json) =>
        AssertRefused("must say its 'mediaType'", json.Replace("CONFIG", ImageConfig, StringComparison.Ordinal), type);

    [Theory]
    [InlineData(MediaTypes.DockerManifestSchema1, """{"schemaVersion":1,"name":"a","fsLayers":[]}""")]
    [InlineData(MediaTypes.DockerManifestSchema1Signed, """{"schemaVersion":1,"signatures":[]}""")]
    [InlineData(MediaTypes.DockerManifestSchema1Signed, """{"schemaVersion":2,"mediaType":"application/json"}""")]
    [InlineData(MediaTypes.DockerManifest, """{"schemaVersion":1}""")]
    [InlineData("application/json", """{"schemaVersion":1}""")]
    [InlineData(null, """{"schemaVersion":1,"name":"a","tag":"b"}""")]
    public void Schema_1_is_refused_with_advice(string? type, string json) => AssertRefused("push the image again with a current client", json, type);

    [Fact]
    public void A_registered_type_is_read_by_its_own_parser()
    {
        const string type = "application/vnd.example.bundle+json";
        var digest = Digest.Parse(DigestText);
        var types = ManifestTypes.Default.With(type, root => new ManifestContent
        {
            Blobs = [new Descriptor(MediaTypes.OctetStream, digest, root.GetProperty("length").GetInt64())],
        });
        var payload = Encoding.UTF8.GetBytes("""{"schemaVersion":2,"length":7}""");
        Assert.Equal([new Descriptor(MediaTypes.OctetStream, digest, 7)], types.Parse(type, payload).Content.Blobs, Same);
        Assert.Equal(5, types.All.Count);
        Assert.Equal(4, ManifestTypes.Default.All.Count);
        Assert.Throws<RegistryException>(() => ManifestTypes.Default.Parse(type, payload));
        Assert.Equal(MediaTypes.OciIndex, types.Parse(null, Encoding.UTF8.GetBytes(Index())).MediaType);
    }

    [Fact]
    public void A_registered_parser_replaces_an_older_one_and_may_refuse()
    {
        var types = ManifestTypes.Default.With(MediaTypes.OciIndex, _ => throw new JsonException("no"));
        Assert.Equal(4, types.All.Count);
        var refusal = Assert.Throws<RegistryException>(() => types.Parse(MediaTypes.OciIndex, Encoding.UTF8.GetBytes(Index())));
        Assert.Equal(RegistryError.ManifestInvalid, refusal.Error);
    }

    private static bool Same(Descriptor a, Descriptor b) => (a.MediaType, a.Digest, a.Size) == (b.MediaType, b.Digest, b.Size);
}
