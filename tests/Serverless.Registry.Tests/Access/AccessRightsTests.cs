using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Access;

public sealed class AccessRightsTests
{
    private static readonly RepositoryName s_app = RepositoryName.Parse("team/app");

    [Fact]
    public void Rules_add_up()
    {
        var rights = Rights("team/*:pull", "*/app:push", "other/*:delete");
        Assert.Equal(RepositoryActions.Pull | RepositoryActions.Push | RepositoryActions.Metadata, rights.On(s_app));
        Assert.Equal(RepositoryActions.Delete, rights.On(RepositoryName.Parse("other/x")));
        Assert.Equal(RepositoryActions.None, rights.On(RepositoryName.Parse("none")));
    }

    [Theory]
    [InlineData("team/*:pull", true)]
    [InlineData("team/*:metadata", true)]
    [InlineData("team/*:push", false)]
    [InlineData("team/*:delete", false)]
    public void Whoever_may_pull_may_list(string rule, bool lists) => Assert.Equal(lists, Rights(rule).On(s_app).HasFlag(RepositoryActions.Metadata));

    [Fact]
    public void The_catalog_takes_a_right_of_its_own()
    {
        Assert.False(Rights("*:*").Catalog);
        Assert.True(Rights("registry:catalog:*").Catalog);
        Assert.False(Rights("*:*", "registry:catalog:*").Admin);
        Assert.True(Rights("registry:admin:*").Admin);
        Assert.Equal(RepositoryActions.None, Rights("registry:admin:*").On(s_app));
        Assert.Equal(RepositoryActions.None, Rights("registry:catalog:*").On(s_app));
    }

    [Fact]
    public void Nothing_and_everything_are_what_they_say()
    {
        Assert.Equal((RepositoryActions.None, false), (AccessRights.None.On(s_app), AccessRights.None.Catalog));
        Assert.Equal((RepositoryActions.All, true), (AccessRights.All.On(s_app), AccessRights.All.Catalog));
    }

    [Fact]
    public void Rights_with_others_are_the_sum_and_change_neither()
    {
        var (one, two) = (Rights("team/*:pull", "a:pull"), Rights("team/*:pull", "registry:catalog:*"));
        var sum = one.With(two);
        Assert.Equal(["team/*:pull", "a:pull", "registry:catalog:*"], sum.Rules.Select(r => r.ToString()));
        Assert.Equal((2, 2), (one.Rules.Count, two.Rules.Count));
    }

    private static AccessRights Rights(params string[] rules) => new(rules.Select(r => AccessRule.Parse(r)));
}
