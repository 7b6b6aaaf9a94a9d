using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Oci;

public sealed class TagTests
{
    [Theory]
    [InlineData("latest")]
    [InlineData("v1.0.0")]
    [InlineData("_")]
    [InlineData("0")]
    [InlineData("A-b_C.d")]
    [InlineData("a..b--c__d.")]
    [InlineData("sha256-e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.sig")]
    public void A_tag_of_the_grammar_is_taken(string text)
    {
        Assert.True(Tag.TryParse(text, out var tag));
        Assert.Equal(text, tag.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("-a")]
    [InlineData("..")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a:b")]
    [InlineData("a+b")]
    [InlineData("a@b")]
    [InlineData("latest\n")]
    [InlineData("\nlatest")]
    [InlineData("\u00e4")]
    [InlineData("a\u0661")]
    public void A_tag_outside_the_grammar_is_refused(string? text)
    {
        Assert.False(Tag.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Tag.Parse(text!));
    }

    [Fact]
    public void The_longest_tag_has_128_characters()
    {
        Assert.True(Tag.TryParse(new string('a', 128), out _));
        Assert.False(Tag.TryParse(new string('a', 129), out _));
    }

    [Fact]
    public void Upper_and_lower_case_are_different_tags() => Assert.NotEqual(Tag.Parse("Latest"), Tag.Parse("latest"));

    [Fact]
    public void A_default_tag_has_no_value() => Assert.Throws<InvalidOperationException>(() => default(Tag).ToString());

    [Fact]
    public void A_text_is_a_tag_exactly_if_a_recogniser_without_regex_says_so()
    {
        var character = Gen.Frequency((9, Gen.Elements("azAZ09_.-".ToCharArray())), (1, Gen.Elements(" /:+\n\u0130\u212a".ToCharArray())));
        var text = character.ListOf().Select(string.Concat);
        Prop.ForAll(text.ToArbitrary(), t => Tag.TryParse(t, out _) == IsTag(t)).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static bool IsTag(string text) =>
        text.Length is >= 1 and <= 128 && text[0] is not ('.' or '-') && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
