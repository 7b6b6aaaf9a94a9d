using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Accounts of an OpenID Connect issuer, which runs on this machine.</summary>
public abstract class FederationTests(IStorageKind storage) : FederationTest(storage)
{
    [Fact]
    public async Task A_token_of_the_issuer_is_exchanged_for_a_refresh_token_and_that_for_access()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        await using var registry = await StartAsync(issuer);
        using var exchanged = await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.OK);
        var refresh = await PropertyAsync(exchanged, "refresh_token");
        using var answer = await ExpectAsync(RefreshAsync(registry, refresh), HttpStatusCode.OK);
        var token = await PropertyAsync(answer, "access_token");
        Assert.Equal(["repository:ci/app:pull,push"], Access(token));
        Assert.Contains("\"sub\":\"forge:repo:org/app\"", Payload(token), StringComparison.Ordinal);
        await ExpectAsync(registry.SendAsync("POST", "/v2/ci/app/blobs/uploads/", headers: Bearer(token)), HttpStatusCode.Accepted);

        Time.Advance(TimeSpan.FromHours(3));
        await ExpectAsync(RefreshAsync(registry, refresh), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Docker_sends_the_token_as_a_password()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        await using var registry = await StartAsync(issuer);
        foreach (var path in (string[])["/token", "/oauth2/token"])
        {
            using var answer = await ExpectAsync(registry.SendAsync("GET", path + "?service=test-registry&scope=repository:ci/app:pull,push,delete", headers: Basic(TokenUser, issuer.Make())), HttpStatusCode.OK);
            Assert.Equal(["repository:ci/app:pull,push"], Access(await PropertyAsync(answer, "token")));
        }

        using var exchanged = await ExchangeAsync(registry, issuer.Make());
        using var refreshed = await ExpectAsync(
            registry.SendAsync("GET", "/token?service=test-registry&scope=repository:ci/app:pull", headers: Basic(TokenUser, await PropertyAsync(exchanged, "refresh_token"))), HttpStatusCode.OK);
        Assert.Equal(["repository:ci/app:pull"], Access(await PropertyAsync(refreshed, "token")));
    }

    [Fact]
    public async Task A_token_that_is_not_for_this_registry_or_that_no_rule_fits_is_refused()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        await using var registry = await StartAsync(issuer);
        await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.OK);
        foreach (var change in (Action<JsonObject>[])
            [
                c => c["aud"] = "https://github.com/org", c => c["aud"] = new JsonArray("other"), c => c.Remove("aud"),
                c => c["repository_id"] = "43", c => c.Remove("repository_id"), c => c["repository_id"] = new JsonObject { ["42"] = "42" },
                c => c["repository_id"] = new JsonArray(new JsonArray("42")), c => c["ref"] = "refs/heads/evil", c => c["ref"] = "x/refs/tags/v1", c => c.Remove("ref"),
                c => c["exp"] = issuer.Forge.Seconds(-60), c => c["nbf"] = issuer.Forge.Seconds(61), c => c.Remove("exp"), c => c["iss"] = issuer.Address + "/",
            ])
        {
            await ExpectAsync(ExchangeAsync(registry, issuer.Make(change)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
            await ExpectAsync(registry.SendAsync("GET", "/token", headers: Basic(TokenUser, issuer.Make(change))), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        }

        await ExpectAsync(ExchangeAsync(registry, issuer.Make(c => c["repository_id"] = 42)), HttpStatusCode.OK);
        await ExpectAsync(ExchangeAsync(registry, issuer.Make(c => c["ref"] = "refs/tags/v2")), HttpStatusCode.OK);
    }

    [Fact]
    public async Task Of_a_claim_with_several_values_one_must_fit_and_all_rules_that_fit_add_up()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        await using var registry = await StartAsync(issuer, "Auth:Federation:forge:Rules:1:Claims:groups=release-*", "Auth:Federation:forge:Rules:1:Scopes:0=release");
        await ScopeMaps.SetAsync("release", Rights("release/*:push"), default);
        foreach (var (groups, granted) in ((JsonNode, string[])[])
            [
                (new JsonArray("users", "release-managers"), ["repository:ci/app:pull", "repository:release/app:push"]),
                (new JsonArray("users"), ["repository:ci/app:pull"]),
                (new JsonArray(), ["repository:ci/app:pull"]),
            ])
        {
            using var answer = await ExpectAsync(
                registry.SendAsync("GET", "/token?scope=repository:ci/app:pull%20repository:release/app:push", headers: Basic(TokenUser, issuer.Make(c => c["groups"] = groups))), HttpStatusCode.OK);
            Assert.Equal(granted, Access(await PropertyAsync(answer, "token")));
        }
    }

    [Fact]
    public async Task New_keys_are_read_when_it_is_time_and_not_when_a_token_names_them()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        await using var registry = await StartAsync(issuer);
        var old = issuer.Make();
        await ExpectAsync(ExchangeAsync(registry, old), HttpStatusCode.OK);
        var asked = issuer.Server.Asked.Count;
        issuer.Rotate();
        for (var i = 0; i < 5; i++) await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal(asked, issuer.Server.Asked.Count);

        Time.Advance(TimeSpan.FromMinutes(10));
        HttpResponseMessage answer;
        // The keys are read while requests go on with the old ones.
        for (var i = 0; (answer = await ExchangeAsync(registry, issuer.Make())).StatusCode != HttpStatusCode.OK && i < 100; i++) await Task.Delay(50);
        await ExpectAsync(Task.FromResult(answer), HttpStatusCode.OK);
        Assert.Equal(asked + 2, issuer.Server.Asked.Count);
    }

    [Fact]
    public async Task A_token_of_an_issuer_that_nobody_configured_is_refused_and_nobody_is_asked()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        await using var other = await OidcIssuer.StartAsync(Time);
        await using var registry = await StartAsync(issuer);
        await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.OK);
        var asked = issuer.Server.Asked.Count;
        await ExpectAsync(ExchangeAsync(registry, other.Make()), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(ExchangeAsync(registry, other.Make(c => c["iss"] = issuer.Address)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(ExchangeAsync(registry, issuer.Make(c => c["iss"] = 1)), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        await ExpectAsync(ExchangeAsync(registry, "nonsense"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Empty(other.Server.Asked);
        Assert.Equal(asked, issuer.Server.Asked.Count);
    }

    [Fact]
    public async Task An_issuer_that_is_down_at_the_start_harms_nobody_else_and_is_found_later()
    {
        await using var issuer = await OidcIssuer.StartAsync(Time);
        issuer.Server.Documents.Clear();
        await using var registry = await StartAsync(issuer);
        await AddUserAsync("alice", "team/*:pull");
        using var refused = await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.ServiceUnavailable, "UNAVAILABLE");
        Assert.NotEmpty(Header(refused, "Retry-After"));
        await ExpectAsync(registry.SendAsync("GET", "/token", headers: Basic("alice", Password)), HttpStatusCode.OK);
        issuer.Publish();
        await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.ServiceUnavailable, "UNAVAILABLE");
        Time.Advance(TimeSpan.FromSeconds(30));
        await ExpectAsync(ExchangeAsync(registry, issuer.Make()), HttpStatusCode.OK);
    }
}

public sealed class FederationTestsInMemory(InMemoryStorage storage) : FederationTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class FederationTestsOnAzurite(AzuriteStorage storage) : FederationTests(storage);
