using System.Net;
using Serverless.Web.Tests.Auth;
using Xunit;

namespace Serverless.Web.Tests.Mirrors;

/// <summary>Who pulls from a mirror needs the right to, by whatever name it is asked.</summary>
public sealed class MirrorAccessTests(InMemoryStorage storage) : AuthTest(storage), IClassFixture<InMemoryStorage>
{
    protected override string[] Settings =>
    [
        .. base.Settings, "Mirror:hub:Prefix=hub/", "Mirror:hub:Remote=https://registry.invalid", "Mirror:hub:Hosts:0=hub.example", "Mirror:hub:Namespaces:0=docker.io", "Auth:Anonymous:0=hub/public/*:pull",
    ];

    // Nobody is there to be asked, so whoever is let in is told so.
    private const HttpStatusCode LetIn = HttpStatusCode.ServiceUnavailable;

    [Theory]
    [InlineData("/v2/public/app/manifests/v1", "hub.example")]
    [InlineData("/v2/public/app/manifests/v1?ns=docker.io", "registry.example")]
    public async Task A_token_for_the_name_of_the_other_registry_is_enough_where_everybody_may_pull(string path, string host)
    {
        var token = await SignInAsync(null, "repository:public/app:pull");
        await ExpectAsync(Registry.SendAsync("GET", path, headers: [("Host", host), ("Authorization", $"Bearer {token}")]), LetIn);
    }

    [Theory]
    [InlineData("/v2/private/app/manifests/v1", "hub.example")]
    [InlineData("/v2/private/app/manifests/v1?ns=docker.io", "registry.example")]
    [InlineData("/v2/private/app/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855?ns=docker.io", "registry.example")]
    [InlineData("/v2/private/app/tags/list?ns=docker.io", "registry.example")]
    public async Task A_name_of_the_other_registry_gives_no_right(string path, string host)
    {
        await AddUserAsync("alice", "private/*:pull");
        var token = await SignInAsync("alice", "repository:private/app:pull");
        using var answer = await ExpectAsync(Registry.SendAsync("GET", path, headers: [("Host", host), ("Authorization", $"Bearer {token}")]), HttpStatusCode.Unauthorized);
        Assert.Contains("repository:hub/private/app:pull", Header(answer, "WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_account_may_what_it_may_by_the_other_name()
    {
        await AddUserAsync("bob", "hub/private/*:pull");
        var token = await SignInAsync("bob", "repository:private/app:pull");
        await ExpectAsync(Registry.SendAsync("GET", "/v2/private/app/manifests/v1?ns=docker.io", headers: [("Authorization", $"Bearer {token}")]), LetIn);
        // The token gives no more than it says where nobody asks by another name.
        await ExpectAsync(Registry.SendAsync("GET", "/v2/hub/private/app/manifests/v1", headers: [("Authorization", $"Bearer {token}")]), HttpStatusCode.Unauthorized);
    }
}
