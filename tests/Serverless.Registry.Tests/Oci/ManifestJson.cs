using System.Text;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Oci;

/// <summary>Manifests as text, for the tests of the parser.</summary>
internal static class ManifestJson
{
    public const string DigestText = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

    public const string ImageConfig = $$"""{"mediaType":"{{MediaTypes.OciConfig}}","digest":"{{DigestText}}","size":2}""";

    public const string Layer = $$"""{"mediaType":"{{MediaTypes.OciLayerGzip}}","digest":"{{DigestText}}","size":32}""";

    public const string Child = $$"""{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{DigestText}}","size":321}""";

    /// <summary>An image manifest; <paramref name="more"/> are further members, each with a comma before it.</summary>
    public static string Image(string config = ImageConfig, string layers = $"[{Layer}]", string more = "") =>
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciManifest}}","config":{{config}},"layers":{{layers}}{{more}}}""";

    /// <summary>An index.</summary>
    public static string Index(string manifests = $"[{Child}]", string more = "") =>
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":{{manifests}}{{more}}}""";

    public static Manifest Parse(string json, string? mediaType = null) => ManifestTypes.Default.Parse(mediaType, Encoding.UTF8.GetBytes(json));

    /// <summary>Asserts that a manifest is refused as invalid, for a reason that holds the words.</summary>
    public static void AssertRefused(string words, string json, string? mediaType = null) => AssertRefused(words, Encoding.UTF8.GetBytes(json), mediaType);

    public static void AssertRefused(string words, byte[] payload, string? mediaType = null)
    {
        var refusal = Assert.Throws<RegistryException>(() => ManifestTypes.Default.Parse(mediaType, payload));
        Assert.Equal(RegistryError.ManifestInvalid, refusal.Error);
        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }
}
