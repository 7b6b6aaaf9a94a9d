using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Oci;

public sealed class DigestTests
{
    private const string EmptySha256 = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private const string EmptySha512 = "sha512:cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";

    [Fact]
    public void A_digest_is_computed_with_its_algorithm()
    {
        Assert.Equal(EmptySha256, Digest.Compute(DigestAlgorithm.Sha256, []).ToString());
        Assert.Equal(EmptySha512, Digest.Compute(DigestAlgorithm.Sha512, []).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => Digest.Compute((DigestAlgorithm)3, []));
    }

    [Fact]
    public void Sha256_and_sha512_parse()
    {
        Assert.Equal((DigestAlgorithm.Sha256, EmptySha256[7..]), (Digest.Parse(EmptySha256).Algorithm, Digest.Parse(EmptySha256).Hex));
        Assert.Equal((DigestAlgorithm.Sha512, EmptySha512[7..]), (Digest.Parse(EmptySha512).Algorithm, Digest.Parse(EmptySha512).Hex));
    }

    public static TheoryData<string?> Malformed => new()
    {
        null,
        "",
        "sha256",
        "sha256:",
        "sha256:e3b0",
        EmptySha256.ToUpperInvariant(),
        "sha256:" + EmptySha256[7..].ToUpperInvariant(),
        "SHA256:" + EmptySha256[7..],
        EmptySha256[..^1],
        EmptySha256 + "0",
        EmptySha256 + "\n",
        " " + EmptySha256,
        EmptySha256.Replace(':', '-'),
        EmptySha256[7..],
        EmptySha256[..^1] + "g",
        "sha256:" + EmptySha512[7..],
        "sha512:" + EmptySha256[7..],
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha384:" + EmptySha512[7..103],
        "blake3:" + EmptySha256[7..],
        "sha256+b64:" + EmptySha256[7..],
        "sha256:../" + EmptySha256[10..],
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void Other_texts_are_refused(string? text)
    {
        Assert.False(Digest.TryParse(text, out var digest));
        Assert.Equal(default, digest);
        Assert.Throws<FormatException>(() => Digest.Parse(text!));
    }

    [Fact]
    public void A_default_digest_has_no_value()
    {
        Assert.Throws<InvalidOperationException>(() => default(Digest).ToString());
        Assert.Throws<InvalidOperationException>(() => default(Digest).Hex);
        Assert.Throws<InvalidOperationException>(() => default(Digest).Algorithm);
        Assert.NotEqual(default, Digest.Parse(EmptySha256));
    }

    [Fact]
    public void A_hash_of_the_wrong_length_is_no_digest()
    {
        Assert.Throws<ArgumentException>(() => Digest.FromHash(DigestAlgorithm.Sha256, new byte[64]));
        Assert.Throws<ArgumentException>(() => Digest.FromHash(DigestAlgorithm.Sha512, new byte[32]));
    }

    [Fact]
    public void Content_matches_its_digest_and_no_other()
    {
        Prop.ForAll(Any.Digest.ToArbitrary(), ArbMap.Default.ArbFor<byte[]>(), (digest, content) =>
            Digest.Compute(digest.Algorithm, content).Matches(content) && !digest.Matches([.. content, 1, 2, 3, 4, 5])).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_digest_survives_its_text() => Prop.ForAll(Any.Digest.ToArbitrary(), digest =>
        Digest.Parse(digest.ToString()) == digest && Digest.Parse(digest.ToString()).GetHashCode() == digest.GetHashCode()).QuickCheckThrowOnFailure();

    [Fact]
    public void A_mutated_digest_parses_only_if_it_is_one()
    {
        var mutations = from digest in Any.Digest
                        from position in Gen.Choose(0, digest.ToString().Length)
                        from cut in Gen.Choose(0, 2)
                        from inserted in Gen.Elements("", "0", "f", "F", "g", ":", "\n", "\u0660", "25", "sha256:")
                        let text = digest.ToString()
                        select text[..position] + inserted + text[Math.Min(text.Length, position + cut)..];
        Prop.ForAll(mutations.ToArbitrary(), text => Digest.TryParse(text, out _) == IsDigest(text)).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static bool IsDigest(string text) => text.Split(':') switch
    {
        ["sha256", var hex] => hex.Length == 2 * SHA256.HashSizeInBytes && hex.All(IsLowerHex),
        ["sha512", var hex] => hex.Length == 2 * SHA512.HashSizeInBytes && hex.All(IsLowerHex),
        _ => false,
    };

    private static bool IsLowerHex(char c) => c is (>= '0' and <= '9') or (>= 'a' and <= 'f');
}
