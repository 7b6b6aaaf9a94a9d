using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Access;

public sealed class AccessRuleTests
{
    [Theory]
    [InlineData("team/*:pull", "team/app", true)]
    [InlineData("team/*:pull", "team/app/part", true)]
    [InlineData("team/*:pull", "team", false)]
    [InlineData("team/*:pull", "teams/app", false)]
    [InlineData("team/*:pull", "a/team/app", false)]
    [InlineData("team/app:pull", "team/app", true)]
    [InlineData("team/app:pull", "team/app2", false)]
    [InlineData("team/app:pull", "team/apx", false)]
    [InlineData("team.app:pull", "team-app", false)]
    [InlineData("*:pull", "any/thing", true)]
    [InlineData("*/base:pull", "a/b/base", true)]
    [InlineData("*/base:pull", "base", false)]
    [InlineData("team/v?:pull", "team/v1", true)]
    [InlineData("team/v?:pull", "team/v", false)]
    [InlineData("team/v?:pull", "team/v12", false)]
    [InlineData("team*app:pull", "team/x/app", true)]
    public void A_pattern_is_of_the_whole_name(string rule, string name, bool matches) =>
        Assert.Equal(matches, AccessRule.Parse(rule).Matches(RepositoryName.Parse(name)));

    [Theory]
    [InlineData("team/*:pull", null, "team/")]
    [InlineData("team/v?:pull", null, "team/v")]
    [InlineData("*:pull", null, "")]
    [InlineData("*/base:pull", null, "")]
    [InlineData("?eam*:pull", null, "")]
    [InlineData("team/app:pull", "team/app", "team/app")]
    [InlineData("team//app:pull", null, "team//app")]
    [InlineData("registry:catalog:*", null, "")]
    public void A_rule_tells_its_repository_and_what_its_names_begin_with(string text, string? repository, string prefix)
    {
        var rule = AccessRule.Parse(text);
        Assert.Equal((repository, prefix), (rule.Repository?.ToString(), rule.Prefix));
    }

    [Theory]
    [InlineData("team/*:pull", "team/*:pull")]
    [InlineData("team/*:push,pull", "team/*:pull,push")]
    [InlineData("team/*:pull,pull", "team/*:pull")]
    [InlineData("team/*:*", "team/*:*")]
    [InlineData("team/*:pull,*", "team/*:*")]
    [InlineData("team/*:metadata,delete,push,pull", "team/*:*")]
    [InlineData("registry:catalog:*", "registry:catalog:*")]
    public void A_rule_is_written_as_it_is_read(string text, string expected)
    {
        var rule = AccessRule.Parse(text);
        Assert.Equal(expected, rule.ToString());
        Assert.Equal(rule, AccessRule.Parse(expected));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("team/*")]
    [InlineData("team/*:")]
    [InlineData(":pull")]
    [InlineData("team/*:pull,")]
    [InlineData("team/*:,pull")]
    [InlineData("team/*:pull, push")]
    [InlineData("team/*:PULL")]
    [InlineData("team/*:catalog")]
    [InlineData("Team/*:pull")]
    [InlineData("team/[a]:pull")]
    [InlineData("team\\*:pull")]
    [InlineData("team/*:pull\n")]
    [InlineData("registry:catalog:pull")]
    [InlineData("registry:catalog")]
    [InlineData("repository:team/app:pull")]
    public void What_is_not_written_so_is_no_rule(string? text)
    {
        Assert.False(AccessRule.TryParse(text, null, out var rule));
        Assert.Null(rule);
        if (text is not null) Assert.Throws<FormatException>(() => AccessRule.Parse(text));
    }

    [Fact]
    public void A_pattern_has_255_characters_at_most()
    {
        Assert.True(AccessRule.TryParse(new string('a', 255) + ":pull", null, out _));
        Assert.False(AccessRule.TryParse(new string('a', 256) + ":pull", null, out _));
    }

    [Fact]
    public void The_catalog_is_no_repository_and_no_repository_is_the_catalog()
    {
        Assert.False(AccessRule.Catalog.Matches(RepositoryName.Parse("catalog")));
        Assert.NotEqual(AccessRule.Catalog, AccessRule.Parse("*:*"));
        Assert.False(AccessRule.Parse("*:*").Actions.HasFlag(RepositoryActions.Catalog));
    }

    [Fact]
    public void A_rule_for_one_repository_holds_what_a_repository_can_give()
    {
        var rule = AccessRule.For(RepositoryName.Parse("team/app"), RepositoryActions.Pull | RepositoryActions.Catalog | RepositoryActions.SignedIn);
        Assert.Equal(AccessRule.Parse("team/app:pull"), rule);
        Assert.False(rule.Matches(RepositoryName.Parse("team/app2")));
    }

    [Fact]
    public void Words_without_a_meaning_give_nothing()
    {
        Assert.Equal(RepositoryActions.None, AccessRule.ParseActions([]));
        Assert.Equal(RepositoryActions.None, AccessRule.ParseActions(["", "PULL", "catalog", "signedin", "admin"]));
        Assert.Equal(RepositoryActions.Pull | RepositoryActions.Delete, AccessRule.ParseActions(["delete", "pull", "other"]));
        Assert.Equal(RepositoryActions.All, AccessRule.ParseActions(["*"]));
    }
}
