using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.Oci.ManifestJson;

namespace Serverless.Registry.Tests.Oci;

/// <summary>What Go's decoder and ours would read as two manifests is none.</summary>
public sealed class JsonNamesTests
{
    private const string Evil = $$"""{"mediaType":"{{MediaTypes.OciLayerGzip}}","digest":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","size":0}""";

    [Theory]
    [InlineData("Layers")]
    [InlineData("LAYERS")]
    [InlineData("layer\u017f")]
    [InlineData("layer\\u017F")]
    [InlineData("l\\u0041yers")]
    [InlineData("Config")]
    [InlineData("Subject")]
    [InlineData("mediatype")]
    [InlineData("Manifests")]
    [InlineData("SchemaVersion")]
    [InlineData("artifacttype")]
    [InlineData("Annotations")]
    [InlineData("FSLayers")]
    public void A_name_of_a_manifest_in_another_case_is_refused(string name)
    {
        AssertRefused("names are spelled exactly", Image(more: $",\"{name}\":[{Evil}]"));
        AssertRefused("names are spelled exactly", Index(more: $",\"{name}\":[{Evil}]"));
    }

    [Theory]
    [InlineData("Digest")]
    [InlineData("dige\u017ft")]
    [InlineData("SIZE")]
    [InlineData("Urls")]
    [InlineData("URLS")]
    [InlineData("Data")]
    [InlineData("MediaType")]
    public void A_name_of_a_descriptor_in_another_case_is_refused_wherever_it_stands(string name)
    {
        var (config, layer, child) = (With(ImageConfig, name), With(Layer, name), With(Child, name));
        AssertRefused("names are spelled exactly", Image(config: config));
        AssertRefused("names are spelled exactly", Image(layers: $"[{Layer},{layer}]"));
        AssertRefused("names are spelled exactly", Image(more: $",\"subject\":{child}"));
        AssertRefused("names are spelled exactly", Index(manifests: $"[{Child},{child}]"));
        AssertRefused("names are spelled exactly", Index(more: $",\"subject\":{child}"));
    }

    [Theory]
    [InlineData("Os")]
    [InlineData("OS")]
    [InlineData("o\u017f")]
    [InlineData("Architecture")]
    [InlineData("OS.Version")]
    public void A_name_of_a_platform_in_another_case_is_refused(string name) =>
        AssertRefused("names are spelled exactly", Index(manifests: $"[{Child[..^1]},\"platform\":{{\"os\":\"linux\",\"architecture\":\"amd64\",\"{name}\":\"x\"}}}}]"));

    [Fact]
    public void A_name_that_comes_twice_is_refused_at_every_level()
    {
        AssertRefused("comes twice", Image(more: $",\"layers\":[{Evil}]"));
        AssertRefused("comes twice", Image(more: $",\"l\\u0061yers\":[{Evil}]"));
        AssertRefused("comes twice", Image(layers: $"[{With(Layer, "digest")}]"));
        AssertRefused("comes twice", Image(more: ",\"annotations\":{\"a\":\"1\",\"a\":\"2\"}"));
    }

    [Fact]
    public void Names_that_nobody_takes_for_another_and_the_keys_of_annotations_are_left_alone()
    {
        Parse(Image(more: ",\"Layer\":1,\"layers_\":2,\"vendor\":{\"Digest\":1}"));
        Parse(Image(more: ",\"annotations\":{\"Layers\":\"1\",\"digest\":\"2\",\"Digest\":\"3\"}"));
    }

    /// <summary>Whatever the spelling: what a decoder that folds would read differently from one that does not is refused.</summary>
    [Fact]
    public void Any_spelling_of_a_known_name_is_exact_or_refused()
    {
        string[] known = ["mediaType", "config", "layers", "subject", "artifactType", "annotations", "manifests", "schemaVersion"];
        var spelled = from name in Gen.Elements(known)
                      from letters in Gen.Choose(0, 3).ListOf(name.Length)
                      select (Name: name, Text: Spell(name, letters));
        Prop.ForAll(spelled.ToArbitrary(), s =>
        {
            var json = Encoding.UTF8.GetBytes(Image(more: $",{JsonSerializer.Serialize(s.Text)}:null"));
            try
            {
                ManifestTypes.Default.Parse(null, json);
                return s.Text == s.Name;
            }
            catch (RegistryException e)
            {
                return s.Text == s.Name || e.Message.Contains("names are spelled exactly", StringComparison.Ordinal);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    private static string Spell(string name, IEnumerable<int> letters) => string.Concat(name.Zip(letters, (c, how) => (how, char.ToLowerInvariant(c)) switch
    {
        (1, _) => char.ToUpperInvariant(c),
        (2, 's') => '\u017f',
        (2, 'k') => '\u212a',
        _ => c,
    }));

    private static string With(string descriptor, string name) => $"{descriptor[..^1]},\"{name}\":\"x\"}}";
}
