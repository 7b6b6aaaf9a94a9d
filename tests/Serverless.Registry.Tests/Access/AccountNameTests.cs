using Serverless.Registry.Access;
using Xunit;

namespace Serverless.Registry.Tests.Access;

public sealed class AccountNameTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("Alice")]
    [InlineData("alice@example.com")]
    [InlineData("ci+build_1-x.y")]
    public void A_name_is_kept_as_it_is(string text) => Assert.Equal(text, AccountName.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".a")]
    [InlineData("-a")]
    [InlineData("@a")]
    [InlineData("a b")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a:b")]
    [InlineData("a'b")]
    [InlineData("a\n")]
    [InlineData("ä")]
    [InlineData("а")]
    public void What_no_key_or_log_should_hold_is_no_name(string? text)
    {
        Assert.False(AccountName.TryParse(text, null, out _));
        if (text is not null) Assert.Throws<FormatException>(() => AccountName.Parse(text));
    }

    [Fact]
    public void A_name_has_128_characters_at_most()
    {
        Assert.True(AccountName.TryParse(new string('a', 128), null, out _));
        Assert.False(AccountName.TryParse(new string('a', 129), null, out _));
    }

    [Fact]
    public void Upper_and_lower_case_differ() => Assert.NotEqual(AccountName.Parse("alice"), AccountName.Parse("Alice"));

    [Fact]
    public void No_name_has_no_text() => Assert.Throws<InvalidOperationException>(() => default(AccountName).ToString());
}
