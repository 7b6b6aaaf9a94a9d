using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Oci;

public sealed class ReferenceTests
{
    [Fact]
    public void A_reference_is_a_tag_or_a_digest_and_keeps_its_text()
    {
        Prop.ForAll(Any.Digest.ToArbitrary(), Any.Tag.ToArbitrary(), (digest, tag) =>
            Reference.Parse(digest.ToString()) == new Reference(digest) && Reference.Parse(tag.ToString()) == new Reference(tag)
            && Reference.Parse(digest.ToString()).Tag is null && Reference.Parse(tag.ToString()).Digest is null
            && new Reference(digest).ToString() == digest.ToString() && new Reference(tag).ToString() == tag.ToString()).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("sha256:abc")]
    [InlineData("latest\n")]
    [InlineData("a/b")]
    [InlineData("md5:d41d8cd98f00b204e9800998ecf8427e")]
    public void Neither_tag_nor_digest_is_refused(string? text)
    {
        Assert.False(Reference.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Reference.Parse(text!));
    }

    [Fact]
    public void Hexadecimal_without_an_algorithm_is_a_tag() => Assert.NotNull(Reference.Parse(new string('a', 64)).Tag);

    [Fact]
    public void A_default_reference_has_no_value() => Assert.Throws<InvalidOperationException>(() => default(Reference).ToString());
}
