using System.Net;
using System.Text;
using Serverless.Web.Tests.Auth;
using Xunit;

namespace Serverless.Web.Tests.Api;

/// <summary>The API with tokens: it says which scope one needs, and the right to look after the registry goes all the way from a scope map into a token.</summary>
public sealed class ImportTokenTests(InMemoryStorage storage) : AuthTest(storage), IClassFixture<InMemoryStorage>
{
    private static readonly byte[] s_body = Encoding.UTF8.GetBytes("""{"source":"there.example/app:v1","target":"team/app"}""");

    [Fact]
    public async Task A_request_for_an_import_says_which_scope_it_needs()
    {
        await AddUserAsync("ann", "team/*:pull,push");
        using var nobody = await PostAsync(null);
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        Assert.DoesNotContain("scope=", Header(nobody, "WWW-Authenticate"), StringComparison.Ordinal);
        using var unscoped = await PostAsync(await SignInAsync("ann"));
        Assert.Equal(HttpStatusCode.Unauthorized, unscoped.StatusCode);
        Assert.Contains("""scope="repository:team/app:pull,push",error="insufficient_scope""", Header(unscoped, "WWW-Authenticate"), StringComparison.Ordinal);
        using var scoped = await PostAsync(await SignInAsync("ann", "repository:team/app:pull,push"));
        Assert.Equal(HttpStatusCode.Accepted, scoped.StatusCode);
        // Whose import it is, the name in any token says.
        using var owner = await Registry.SendAsync("GET", scoped.Headers.Location!.OriginalString, headers: [Bearer(await SignInAsync("ann"))]);
        Assert.Equal(HttpStatusCode.OK, owner.StatusCode);
    }

    [Fact]
    public async Task The_right_to_look_after_the_registry_comes_in_a_token()
    {
        await AddUserAsync("root", "registry:admin:*");
        await AddUserAsync("ann", "*:*", "registry:catalog:*");
        using var without = await Registry.SendAsync("GET", "/api/v1/imports?all", headers: [Bearer(await SignInAsync("root"))]);
        Assert.Equal(HttpStatusCode.Unauthorized, without.StatusCode);
        Assert.Contains("scope=\"registry:admin:*\"", Header(without, "WWW-Authenticate"), StringComparison.Ordinal);
        var token = await SignInAsync("root", "registry:admin:*");
        Assert.Equal(["registry:admin:*"], Access(token));
        using var with = await Registry.SendAsync("GET", "/api/v1/imports?all", headers: [Bearer(token)]);
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
        Assert.Empty(Access(await SignInAsync("ann", "registry:admin:*")));
    }

    private Task<HttpResponseMessage> PostAsync(string? token) => Registry.SendAsync("POST", "/api/v1/imports", s_body, "application/json", token is null ? [] : [Bearer(token)]);
}
