using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Auth.Tokens;
using Xunit;

namespace Serverless.Web.Tests.Auth;

public sealed class TokenScopeTests
{
    [Fact]
    public void Scopes_come_repeated_or_in_a_row()
    {
        var scopes = TokenScope.ParseAll(["repository:a:pull  repository:b:push,pull", null, "", "registry:catalog:*"]);
        Assert.Equal(["a", "b", "catalog"], scopes.Select(s => s.Name));
        Assert.Equal(["push", "pull"], scopes[1].Actions);
        Assert.Empty(TokenScope.ParseAll([]));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("repository:a")]
    [InlineData(":a:pull")]
    [InlineData("repository::pull")]
    public void What_has_not_three_parts_is_no_scope(string text) =>
        Assert.Equal(RegistryError.TokenRequestInvalid, Assert.Throws<RegistryException>(() => TokenScope.ParseAll([text])).Error);

    [Fact]
    public void There_is_a_limit_to_scopes()
    {
        Assert.Equal(1000, TokenScope.ParseAll([string.Join(' ', Enumerable.Repeat("repository:a:pull", 1000))]).Count);
        Assert.Throws<RegistryException>(() => TokenScope.ParseAll(Enumerable.Repeat("repository:a:pull", 1001)));
    }

    [Theory]
    [InlineData("repository:team/app:pull,push", "team/*:pull", "team/app:pull")]
    [InlineData("repository:team/app:*", "team/*:pull,delete", "team/app:pull,delete,metadata")]
    [InlineData("repository:team/app:pull", "team/*:metadata", "team/app:metadata")]
    [InlineData("repository:team/app:push", "team/*:metadata", null)]
    [InlineData("repository:team/app:pull,nonsense", "team/*:*", "team/app:pull")]
    [InlineData("repository:team/app:", "team/*:*", null)]
    [InlineData("repository:team/app:catalog", "registry:catalog:*", null)]
    [InlineData("repository:*:pull", "*:*", null)]
    [InlineData("repository:Team/app:pull", "*:*", null)]
    [InlineData("repository:host:5000/app:pull", "*:*", null)]
    [InlineData("registry:catalog:*", "registry:catalog:*", "registry:catalog:*")]
    [InlineData("registry:catalog:*", "*:*", null)]
    [InlineData("registry:catalog:pull", "registry:catalog:*", null)]
    [InlineData("registry:other:*", "registry:catalog:*", null)]
    [InlineData("registry:admin:*", "registry:admin:*", "registry:admin:*")]
    [InlineData("registry:admin:*", "registry:catalog:*", null)]
    [InlineData("registry:admin:*", "*:*", null)]
    [InlineData("registry:admin:pull", "registry:admin:*", null)]
    [InlineData("repository:team/app:admin", "registry:admin:*", null)]
    [InlineData("REPOSITORY:team/app:pull", "*:*", null)]
    public void A_scope_is_granted_as_far_as_the_rights_go(string scope, string right, string? granted) =>
        Assert.Equal(granted, Assert.Single(TokenScope.ParseAll([scope])).Grant(new AccessRights([AccessRule.Parse(right)]))?.ToString());

    [Theory]
    [InlineData(RepositoryActions.Pull, "repository:a/b:pull")]
    [InlineData(RepositoryActions.Pull | RepositoryActions.Push, "repository:a/b:pull,push")]
    [InlineData(RepositoryActions.Delete, "repository:a/b:delete")]
    [InlineData(RepositoryActions.Metadata, "repository:a/b:pull")]
    public void A_challenge_asks_in_words_that_clients_know(RepositoryActions actions, string scope) =>
        Assert.Equal(scope, new RequiredAccess(RepositoryName.Parse("a/b"), actions).Describe());

    [Fact]
    public void What_is_about_no_repository_asks_for_the_catalog_or_for_nothing()
    {
        Assert.Equal("registry:catalog:*", new RequiredAccess(null, RepositoryActions.Catalog).Describe());
        Assert.Equal("registry:admin:*", new RequiredAccess(null, RepositoryActions.Admin).Describe());
        Assert.Equal("", new RequiredAccess(null, RepositoryActions.SignedIn).Describe());
        Assert.Equal("", RequiredAccess.None.Describe());
    }
}
