using System.Text.Json;
using Serverless.Registry.Oci;
using Serverless.Registry.Retention;
using Xunit;

namespace Serverless.Registry.Tests.Retention;

public sealed class RetentionRuleTests
{
    [Theory]
    [InlineData("*", "team/app", true)]
    [InlineData("team/*", "team/a/b", true)]
    [InlineData("team/*", "team", false)]
    [InlineData("team/ap?", "team/app", true)]
    [InlineData("team/ap?", "team/apps", false)]
    public void A_pattern_fits_repositories(string pattern, string repository, bool fits) =>
        Assert.Equal(fits, new RetentionRule { Repositories = pattern }.Fits(RepositoryName.Parse(repository)));

    [Theory]
    [InlineData("v1", "v1", true)]
    [InlineData("v1", "v10", false)]
    [InlineData("a|b", "b", true)]
    [InlineData("a|b", "ab", false)]
    [InlineData("pr-.*", "PR-1", false)]
    public void An_expression_is_for_the_whole_tag(string expression, string tag, bool fits) => Assert.Equal(fits, RetentionRule.Expression(expression).IsMatch(tag));

    [Fact]
    public void A_rule_that_cannot_work_is_refused()
    {
        var good = new RetentionRule { KeepNewest = 1 };
        Assert.Empty(good.Validate());
        Assert.Empty((good with { KeepNewest = null, OlderThan = TimeSpan.FromDays(1), Except = ["latest", "v.*"] }).Validate());
        RetentionRule[] bad =
        [
            new(),
            good with { KeepNewest = 0 },
            good with { OlderThan = TimeSpan.Zero },
            good with { NotPulledFor = TimeSpan.FromHours(23) },
            good with { Repositories = "" },
            good with { Tags = "" },
            good with { Tags = "(" },
            good with { Tags = ")(" },
            good with { Tags = @"(a)\1" },
            good with { Tags = "(?!a)b" },
            good with { Except = ["["] },
        ];
        Assert.All(bad, rule => Assert.Single(rule.Validate()));
    }

    [Fact]
    public void A_rule_can_be_kept_as_json()
    {
        var rule = new RetentionRule { Repositories = "team/*", Tags = "pr-.*", Except = ["pr-1"], KeepNewest = 3, OlderThan = TimeSpan.FromDays(30) };
        var read = JsonSerializer.Deserialize<RetentionRule>(JsonSerializer.Serialize(rule))!;
        Assert.Equal(rule with { Except = [] }, read with { Except = [] });
        Assert.Equal(rule.Except, read.Except);
    }
}
