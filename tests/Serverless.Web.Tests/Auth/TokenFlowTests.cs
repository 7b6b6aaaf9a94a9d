using System.Net;
using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>How clients sign in at the registry's own token service, step by step.</summary>
public abstract class TokenFlowTests(IStorageKind storage) : AuthTest(storage)
{
    [Fact]
    public async Task Whoever_comes_without_a_token_is_told_where_to_get_one()
    {
        using var ping = await ExpectAsync(Registry.SendAsync("GET", "/v2/"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.Equal($"Bearer realm=\"{Registry.Client.BaseAddress}token\",service=\"test-registry\"", Header(ping, "WWW-Authenticate"));
        using var push = await ExpectAsync(Registry.SendAsync("POST", "/v2/team/app/blobs/uploads/"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.EndsWith(",scope=\"repository:team/app:pull,push\"", Header(push, "WWW-Authenticate"), StringComparison.Ordinal);
        using var catalog = await ExpectAsync(Registry.SendAsync("GET", "/v2/_catalog"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
        Assert.EndsWith(",scope=\"registry:catalog:*\"", Header(catalog, "WWW-Authenticate"), StringComparison.Ordinal);
        Assert.Equal((0, 0), Registry.Probe.Counts);
    }

    [Fact]
    public async Task Docker_gets_a_token_by_GET_and_pushes_and_pulls()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        using var answer = await ExpectAsync(GetTokenAsync("alice", "account=alice&client_id=docker&offline_token=true&scope=repository:team/app:pull,push"), HttpStatusCode.OK);
        var token = await PropertyAsync(answer, "token");
        Assert.Equal(token, await PropertyAsync(answer, "access_token"));
        Assert.Equal("300", await PropertyAsync(answer, "expires_in"));
        Assert.Equal(Time.GetUtcNow(), DateTimeOffset.Parse(await PropertyAsync(answer, "issued_at")), TimeSpan.FromSeconds(1));
        Assert.NotEmpty(await PropertyAsync(answer, "refresh_token"));
        Assert.Equal("no-store", Header(answer, "Cache-Control"));
        Assert.Equal(["repository:team/app:pull,push"], Access(token));

        var digest = RegistryServer.DigestOf([1, 2, 3]);
        await ExpectAsync(Registry.SendAsync("POST", $"/v2/team/app/blobs/uploads/?digest={digest}", [1, 2, 3], MediaTypes.OctetStream, Bearer(token)), HttpStatusCode.Created);
        await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/team/app/blobs/{digest}", headers: Bearer(token)), HttpStatusCode.OK);
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: Bearer(token)), HttpStatusCode.OK);
        using var other = await ExpectAsync(Registry.SendAsync("HEAD", $"/v2/team/other/blobs/{digest}", headers: Bearer(token)), HttpStatusCode.Unauthorized);
        Assert.EndsWith(",scope=\"repository:team/other:pull\",error=\"insufficient_scope\"", Header(other, "WWW-Authenticate"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containerd_posts_first()
    {
        await AddUserAsync("alice", "team/*:pull");
        using var answer = await ExpectAsync(
            PostTokenAsync(("grant_type", "password"), ("service", "test-registry"), ("client_id", "containerd-client"), ("scope", "repository:team/app:pull"), ("username", "alice"), ("password", Password)),
            HttpStatusCode.OK);
        Assert.Equal(["repository:team/app:pull"], Access(await PropertyAsync(answer, "access_token")));
    }

    [Fact]
    public async Task A_refresh_token_stands_for_the_password_until_it_is_taken_back()
    {
        await AddUserAsync("alice", "team/*:pull");
        using var first = await PostTokenAsync(("grant_type", "password"), ("service", "test-registry"), ("access_type", "offline"), ("username", "alice"), ("password", Password));
        var refresh = await PropertyAsync(first, "refresh_token");
        using var second = await ExpectAsync(RefreshAsync(refresh), HttpStatusCode.OK);
        Assert.Equal(["repository:team/app:pull"], Access(await PropertyAsync(second, "access_token")));
        Assert.Equal(refresh, await PropertyAsync(second, "refresh_token"));
        await ExpectAsync(PostTokenAsync(("grant_type", "refresh_token"), ("service", "other"), ("refresh_token", refresh)), HttpStatusCode.BadRequest);
        Assert.DoesNotContain(refresh, string.Join('\n', await SnapshotAsync()), StringComparison.Ordinal);

        await new RefreshTokenStore(Registry.Stores.Tables, Time).RevokeAsync(refresh, default);
        await ExpectAsync(RefreshAsync(refresh), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_token_is_for_what_was_asked_and_may_be_given_and_nothing_else()
    {
        await AddUserAsync("alice", "team/*:pull,push", "public/*:pull");
        foreach (var (asked, granted) in ((string, string[])[])
            [
                ("scope=repository:team/app:pull,push,delete", ["repository:team/app:pull,push"]),
                ("scope=repository:team/a:pull&scope=repository:team/b:push", ["repository:team/a:pull", "repository:team/b:push"]),
                ("scope=repository:team/a:pull%20repository:other/b:pull", ["repository:team/a:pull"]),
                ("scope=repository:other/app:pull,push", []),
                ("scope=repository:*:pull", []),
                ("scope=repository:team/*:pull", []),
                ("scope=repository:team/app:*", ["repository:team/app:pull,push,metadata"]),
                ("scope=registry:catalog:*", []),
                ("scope=repository(plugin):team/app:pull", ["repository:team/app:pull"]),
                ("scope=repository(image):other/app:pull", []),
                ("scope=repository():team/app:pull", []),
                ("scope=repository(plugin)(plugin):team/app:pull", []),
                ("scope=repository:public/x:pull,push", ["repository:public/x:pull"]),
                ("scope=repository:team/../other/app:pull", []),
                ("", []),
            ])
        {
            using var answer = await ExpectAsync(GetTokenAsync("alice", asked), HttpStatusCode.OK);
            Assert.Equal(granted, Access(await PropertyAsync(answer, "token")));
        }
    }

    [Fact]
    public async Task Of_more_than_a_token_has_room_for_it_gives_the_first_and_the_answer_says_which()
    {
        await AddUserAsync("alice", "team/*:pull,push");
        var asked = Enumerable.Range(0, 1000).Select(i => $"repository:team/{new string('x', 100)}{i}:pull,push").ToList();
        using var answer = await ExpectAsync(PostTokenAsync(("grant_type", "password"), ("username", "alice"), ("password", Password), ("service", "test-registry"), ("scope", string.Join(' ', asked.Take(400)))), HttpStatusCode.OK);
        var (token, scope) = (await PropertyAsync(answer, "token"), (await PropertyAsync(answer, "scope")).Split(' '));
        Assert.InRange(token.Length, 12 * 1024, 16 * 1024);
        Assert.Equal(Access(token), scope);
        Assert.Equal(asked.Take(scope.Length), scope);
        // Every server that reads headers of 16 KiB takes it.
        await ExpectAsync(Registry.SendAsync("GET", "/v2/", headers: Bearer(token)), HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_request_that_is_no_request_for_a_token_is_refused()
    {
        await AddUserAsync("alice", "team/*:pull");
        var many = string.Join('&', Enumerable.Range(0, 1001).Select(i => $"scope=repository:team/a{i}:pull"));
        await ExpectAsync(GetTokenAsync("alice", many), HttpStatusCode.BadRequest, "UNSUPPORTED");
        await ExpectAsync(GetTokenAsync("alice", "scope=nonsense"), HttpStatusCode.BadRequest, "UNSUPPORTED");
        await ExpectAsync(Registry.SendAsync("GET", "/token?service=other", headers: Basic("alice", Password)), HttpStatusCode.BadRequest, "UNSUPPORTED");
        await ExpectAsync(PostTokenAsync(("grant_type", "magic")), HttpStatusCode.BadRequest, "UNSUPPORTED");
        await ExpectAsync(Registry.SendAsync("POST", "/token", [1], "application/json"), HttpStatusCode.BadRequest, "UNSUPPORTED");
        await ExpectAsync(Registry.SendAsync("PUT", "/token", [1]), HttpStatusCode.MethodNotAllowed, "UNSUPPORTED");
    }

    [Fact]
    public async Task The_public_keys_are_there_for_everybody_and_the_private_ones_are_not()
    {
        using var answer = await ExpectAsync(Registry.SendAsync("GET", "/.well-known/jwks.json"), HttpStatusCode.OK);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.Contains("\"crv\":\"P-256\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"d\"", text, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> RefreshAsync(string token) => PostTokenAsync(
        ("grant_type", "refresh_token"), ("service", "test-registry"), ("client_id", "docker"), ("scope", "repository:team/app:pull,push"), ("refresh_token", token));
}

public sealed class TokenFlowTestsInMemory(InMemoryStorage storage) : TokenFlowTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class TokenFlowTestsOnAzurite(AzuriteStorage storage) : TokenFlowTests(storage);
