using System.Net;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>
/// Signs in as containerd does: with credentials by POST, and by GET when that is answered 400, 401, 404 or 405; without credentials by GET.
/// </summary>
public abstract class ContainerdTests(IStorageKind storage) : AuthTest(storage)
{
    private const string Scope = "repository:team/app:pull";

    private readonly List<string> _sent = [];

    protected override string[] Settings => [.. base.Settings, "Auth:Anonymous:0=public/*:pull"];

    [Fact]
    public async Task A_password_takes_one_request()
    {
        await AddUserAsync("alice", "team/*:pull");
        Assert.Equal([Scope], Access(await FetchAsync("alice", Password, Scope) ?? ""));
        Assert.Equal(["POST 200"], _sent);
    }

    [Fact]
    public async Task A_refresh_token_as_the_secret_of_nobody_takes_one_request()
    {
        await AddUserAsync("alice", "team/*:pull");
        using var first = await GetTokenAsync("alice", "offline_token=true");
        Assert.Equal([Scope], Access(await FetchAsync("", await PropertyAsync(first, "refresh_token"), Scope) ?? ""));
        Assert.Equal(["POST 200"], _sent);
    }

    // A pull secret of Kubernetes: the kubelet hands a name and a password on, and nothing else. Of docker's config.json, with "user:" and an identity token beside it, the token
    // is lost on that way, so it is put where the password was.
    [Theory]
    [InlineData("alice")]
    [InlineData("anybody at all")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("<token>")]
    public async Task A_refresh_token_in_the_place_of_the_password_takes_one_request_under_any_name(string user)
    {
        await AddUserAsync("alice", "team/*:pull");
        using var first = await GetTokenAsync("alice", "offline_token=true");
        var token = await PropertyAsync(first, "refresh_token");
        Assert.Equal([Scope], Access(await FetchAsync(user, token, Scope) ?? ""));
        Assert.Equal(["POST 200"], _sent);
        // CRI-O, podman and older clients ask by GET, with the token as the password.
        foreach (var name in (string[])[user, ""])
        {
            using var got = await ExpectAsync(GetTokenAsync(name, "scope=" + Scope, token), HttpStatusCode.OK);
            Assert.Equal([Scope], Access(await PropertyAsync(got, "token")));
        }

        await ExpectAsync(GetTokenAsync(user, "scope=" + Scope, token[..^4] + "AAAA"), HttpStatusCode.Unauthorized, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_wrong_password_is_refused_both_ways()
    {
        await AddUserAsync("alice", "team/*:pull");
        Assert.Null(await FetchAsync("alice", "wrong", Scope));
        Assert.Equal(["POST 401", "GET 401"], _sent);
    }

    [Fact]
    public async Task A_refused_POST_does_not_stop_what_GET_understands()
    {
        await AddUserAsync("alice", "team/*:pull");
        // As from a client that asks in a way which is not known here.
        Assert.Equal([Scope], Access(await FetchAsync("alice", Password, Scope, "magic") ?? ""));
        Assert.Equal(["POST 400", "GET 200"], _sent);
    }

    [Fact]
    public async Task Nobody_gets_a_token_for_what_is_public()
    {
        Assert.Equal(["repository:public/app:pull"], Access(await FetchAsync(null, null, "repository:public/app:pull") ?? ""));
        Assert.Equal(["GET 200"], _sent);
    }

    /// <summary>An access token, in the order of containerd's resolver; null when both ways are refused.</summary>
    private async Task<string?> FetchAsync(string? user, string? secret, string scope, string grant = "password")
    {
        using var challenge = await Registry.SendAsync("HEAD", "/v2/" + scope.Split(':')[1] + "/manifests/v1");
        Assert.Contains($",scope=\"{scope}\"", Header(challenge, "WWW-Authenticate"), StringComparison.Ordinal);
        if (secret is not null)
        {
            using var posted = await Noted("POST", user!.Length == 0
                ? PostTokenAsync(("grant_type", "refresh_token"), ("service", "test-registry"), ("client_id", "containerd-client"), ("scope", scope), ("refresh_token", secret))
                : PostTokenAsync(("grant_type", grant), ("service", "test-registry"), ("client_id", "containerd-client"), ("scope", scope), ("username", user), ("password", secret)));
            if (posted.StatusCode == HttpStatusCode.OK) return await PropertyAsync(posted, "access_token");
            Assert.Contains((int)posted.StatusCode, (int[])[400, 401, 404, 405]);
        }

        using var got = await Noted("GET", GetTokenAsync(user, "scope=" + scope, secret ?? ""));
        return got.StatusCode == HttpStatusCode.OK ? await PropertyAsync(got, "token") : null;
    }

    private async Task<HttpResponseMessage> Noted(string method, Task<HttpResponseMessage> sent)
    {
        var answer = await sent;
        _sent.Add($"{method} {(int)answer.StatusCode}");
        return answer;
    }
}

public sealed class ContainerdTestsInMemory(InMemoryStorage storage) : ContainerdTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class ContainerdTestsOnAzurite(AzuriteStorage storage) : ContainerdTests(storage);
