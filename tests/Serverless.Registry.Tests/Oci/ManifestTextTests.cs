using System.Text;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.Oci.ManifestJson;

namespace Serverless.Registry.Tests.Oci;

/// <summary>Text that is not Unicode: it is refused where the registry reads it, and let be where it does not.</summary>
public sealed class ManifestTextTests
{
    // Stands for the bad bytes, which no C# string could hold.
    private const string Mark = "MARK";

    public static TheoryData<string> ReadPlaces => new()
    {
        Index(more: ",\"artifactType\":\"MARK\""),
        Index(more: ",\"annotations\":{\"a\":\"MARK\"}"),
        Index(more: ",\"annotations\":{\"MARK\":\"a\"}"),
        Index(manifests: $$"""[{"mediaType":"MARK","digest":"{{DigestText}}","size":2}]"""),
        Index(manifests: """[{"mediaType":"a/b","digest":"MARK","size":2}]"""),
        Image(layers: $$"""[{"mediaType":"a/b","digest":"{{DigestText}}","size":2,"urls":["MARK"]}]"""),
        $$"""{"schemaVersion":2,"mediaType":"MARK","manifests":[]}""",
    };

    [Theory]
    [MemberData(nameof(ReadPlaces))]
    public void Invalid_UTF8_is_refused_where_it_is_read(string json)
    {
        foreach (var bad in (byte[][])[[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]]) AssertRefused("", Replace(json, bad));
    }

    [Theory]
    [MemberData(nameof(ReadPlaces))]
    public void A_lone_surrogate_is_refused_where_it_is_read(string json)
    {
        foreach (var bad in (string[])["\\ud800", "\\udc00", "\\ud800x", "\\udc00\\ud800"]) AssertRefused("", Replace(json, Encoding.ASCII.GetBytes(bad)));
    }

    [Theory]
    [InlineData("\\ud800", "\\ud800")]
    [InlineData("\\ud800", "\\udc00")]
    [InlineData("schemaVersio\\ud800", "x")]
    [InlineData("media\\ud800Type", "annotation\\udc00")]
    public void A_member_with_a_lone_surrogate_in_its_name_is_refused_or_let_be(string first, string second)
    {
        try
        {
            Parse(Index(more: $$""","{{first}}":1,"{{second}}":2"""));
        }
        catch (RegistryException refusal)
        {
            Assert.Equal(RegistryError.ManifestInvalid, refusal.Error);
        }
    }

    private static byte[] Replace(string json, byte[] bad)
    {
        var at = json.IndexOf(Mark, StringComparison.Ordinal);
        return [.. Encoding.UTF8.GetBytes(json[..at]), .. bad, .. Encoding.UTF8.GetBytes(json[(at + Mark.Length)..])];
    }
}
