using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Xunit;
using static Serverless.Registry.Tests.Oci.ManifestJson;

namespace Serverless.Registry.Tests.Oci;

/// <summary>Whatever the bytes are, a manifest parses or is refused as invalid. Another exception would be a fault of the server.</summary>
public sealed class ManifestFuzzTests
{
    private static readonly string[] s_texts =
    [
        Image(more: $",\"subject\":{Child},\"annotations\":{{\"a\":\"\u00e4\\u00e4\"}},\"artifactType\":\"a/b\""),
        Index(manifests: $"[{Child},{Child[..^1]},\"urls\":[\"u\"],\"platform\":{{\"os\":\"linux\"}}}}]"),
        Image(layers: "null").Replace(MediaTypes.OciManifest, MediaTypes.DockerManifest, StringComparison.Ordinal),
    ];

    private static readonly byte[][] s_pieces =
    [
        .. new[] { "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "\\u0000", "null", "1e999", "-1", "0", "2", " ", "\n", "config", "layers", "manifests", "annotations" }
            .Select(Encoding.UTF8.GetBytes),
        [0], [0xff], [0xc3], [0xed, 0xa0, 0x80], [0xef, 0xbb, 0xbf], [],
    ];

    [Fact]
    public void Random_bytes_are_refused_as_invalid() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), Types, (bytes, type) => !ParsesOrIsRefused(bytes, type)).QuickCheckThrowOnFailure();

    [Fact]
    public void The_manifests_to_be_mutated_are_valid() => Assert.All(s_texts, t => Assert.True(ParsesOrIsRefused(Encoding.UTF8.GetBytes(t), null)));

    [Fact]
    public void A_mutated_manifest_parses_or_is_refused_as_invalid()
    {
        var mutation = from position in Gen.Choose(0, 10_000) from cut in Gen.Choose(0, 3) from piece in Gen.Elements(s_pieces) select (position, cut, piece);
        var mutated = from text in Gen.Elements(s_texts)
                      from mutations in mutation.NonEmptyListOf()
                      select mutations.Take(4).Aggregate(Encoding.UTF8.GetBytes(text), Mutate);
        var parsed = 0;
        Prop.ForAll(mutated.ToArbitrary(), Types, (bytes, type) =>
        {
            if (ParsesOrIsRefused(bytes, type)) parsed++;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(10_000));
        Assert.InRange(parsed, 1, 9_999);
    }

    private static Arbitrary<string?> Types =>
        Gen.Elements<string?>(null, null, null, MediaTypes.OciManifest, MediaTypes.OciIndex, MediaTypes.DockerManifest, "", "x").ToArbitrary();

    private static byte[] Mutate(byte[] bytes, (int Position, int Cut, byte[] Piece) mutation)
    {
        var at = bytes.Length == 0 ? 0 : mutation.Position % bytes.Length;
        return [.. bytes[..at], .. mutation.Piece, .. bytes[Math.Min(bytes.Length, at + mutation.Cut)..]];
    }

    private static bool ParsesOrIsRefused(byte[] bytes, string? mediaType)
    {
        try
        {
            return ManifestTypes.Default.Parse(mediaType, bytes).Payload.Span.SequenceEqual(bytes);
        }
        catch (RegistryException refusal) when (refusal.Error == RegistryError.ManifestInvalid)
        {
            return false;
        }
    }
}
