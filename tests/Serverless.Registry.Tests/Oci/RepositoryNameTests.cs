using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Oci;

public sealed class RepositoryNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("library/ubuntu")]
    [InlineData("a/b/c/d/e/f")]
    [InlineData("a.b_c-d")]
    [InlineData("a__b")]
    [InlineData("a--b")]
    [InlineData("a---b")]
    [InlineData("a-----------b")]
    [InlineData("a_b__c---d.e/0.0")]
    [InlineData("manifests/blobs/uploads/tags/list")]
    public void A_name_of_the_grammar_is_taken(string text)
    {
        Assert.True(RepositoryName.TryParse(text, out var name));
        Assert.Equal(text, name.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/a")]
    [InlineData("a/")]
    [InlineData("a//b")]
    [InlineData("A")]
    [InlineData("a/B")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData(".a")]
    [InlineData("a.")]
    [InlineData("_a")]
    [InlineData("a_")]
    [InlineData("__a")]
    [InlineData("a__")]
    [InlineData("a/_b")]
    [InlineData("a-/b")]
    [InlineData("a..b")]
    [InlineData("a___b")]
    [InlineData("a._b")]
    [InlineData("a-_b")]
    [InlineData("a.-b")]
    [InlineData("..")]
    [InlineData("../a")]
    [InlineData("a/../b")]
    [InlineData("a/./b")]
    [InlineData("a\n")]
    [InlineData("a\nb")]
    [InlineData("a b")]
    [InlineData("a%2fb")]
    [InlineData("a,b")]
    [InlineData("a:b")]
    [InlineData("a\\b")]
    [InlineData("\u00e4")]
    [InlineData("\u0661")]
    public void A_name_outside_the_grammar_is_refused(string? text)
    {
        Assert.False(RepositoryName.TryParse(text, out _));
        Assert.Throws<FormatException>(() => RepositoryName.Parse(text!));
    }

    [Fact]
    public void The_longest_name_has_255_characters()
    {
        Assert.True(RepositoryName.TryParse(new string('a', 255), out _));
        Assert.False(RepositoryName.TryParse(new string('a', 256), out _));
        Assert.True(RepositoryName.TryParse(new string('a', 127) + "/" + new string('a', 127), out _));
        Assert.False(RepositoryName.TryParse(new string('a', 127) + "/" + new string('a', 128), out _));
    }

    [Fact]
    public void Names_are_ordered_by_ascii()
    {
        string[] sorted = ["a", "a-b", "a.b", "a/b", "a0", "a_b", "aa", "b"];
        Assert.Equal(sorted, sorted.Reverse().Select(s => RepositoryName.Parse(s)).Order().Select(n => n.ToString()));
        Assert.True(RepositoryName.Parse("a") < RepositoryName.Parse("b") && RepositoryName.Parse("b") >= RepositoryName.Parse("b"));
        Assert.True(RepositoryName.Parse("b") > RepositoryName.Parse("a") && RepositoryName.Parse("b") <= RepositoryName.Parse("b"));
    }

    [Fact]
    public void A_default_name_has_no_value() => Assert.Throws<InvalidOperationException>(() => default(RepositoryName).ToString());

    [Fact]
    public void The_generator_makes_valid_names() =>
        Prop.ForAll(Any.RepositoryName.ToArbitrary(), name => IsName(name.ToString())).QuickCheckThrowOnFailure();

    [Fact]
    public void A_text_is_a_name_exactly_if_a_recogniser_without_regex_says_so()
    {
        var token = Gen.Frequency(
            (12, Gen.Elements("a", "z", "0", "9", "b1", "xyz")),
            (6, Gen.Elements(".", "_", "__", "-", "--", "---", "/")),
            (1, Gen.Elements("A", "..", "___", "//", "\n", " ", ",", "\u00e4", "`", "{", ":")));
        var texts = token.ListOf().Select(string.Concat);
        var valid = 0;
        Prop.ForAll(texts.ToArbitrary(), text =>
        {
            var isName = IsName(text);
            if (isName) valid++;
            return RepositoryName.TryParse(text, out _) == isName;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
        Assert.InRange(valid, 100, 2900);
    }

    private static bool IsName(string text) => text.Length <= 255 && text.Split('/').All(IsComponent);

    private static bool IsComponent(string text)
    {
        for (var i = 0; ;)
        {
            var start = i;
            while (i < text.Length && text[i] is (>= 'a' and <= 'z') or (>= '0' and <= '9')) i++;
            if (i == start) return false;
            if (i == text.Length) return true;
            start = i;
            while (i < text.Length && text[i] is '.' or '_' or '-') i++;
            if (!(text[start..i] is "." or "_" or "__" || (i > start && text[start..i].All(c => c == '-')))) return false;
        }
    }
}
