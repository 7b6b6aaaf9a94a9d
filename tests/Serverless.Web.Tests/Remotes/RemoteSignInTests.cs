using Serverless.Registry.Copying;
using Serverless.Registry.Oci;
using Serverless.Web.Remotes;
using Xunit;

namespace Serverless.Web.Tests.Remotes;

/// <summary>How a registry is signed in to, and who does not get the password.</summary>
public sealed class RemoteSignInTests : IAsyncLifetime
{
    private const string Manifest = "registry.test/v2/team/app/manifests/v1";
    private const string AliceBasic = "[Basic YWxpY2U6c2VjcmV0]";

    private ScriptedRegistry _registry = null!;

    private static RemoteCredentials Alice => RemoteCredentials.OfUser("alice", "secret");

    public async Task InitializeAsync() => _registry = await ScriptedRegistry.StartAsync();

    public async Task DisposeAsync() => await _registry.DisposeAsync();

    [Fact]
    public async Task A_token_is_fetched_when_it_is_asked_for_and_kept_until_it_expires()
    {
        AnswerWithTokens("registry.test", """{"access_token":"t1","expires_in":100}""");
        using var remote = _registry.Open(Alice);
        var source = remote.OpenRepository(RepositoryName.Parse("team/app"));
        for (var i = 0; i < 2; i++) Assert.Null(await FindAsync(source));
        var token = $"registry.test/token?a=b&service=the%20service&scope=repository%3Ateam%2Fapp%3Apull&account=alice {AliceBasic}";
        Assert.Equal([Manifest, token, $"{Manifest} [Bearer t1]", $"{Manifest} [Bearer t1]"], _registry.Asked);
        _registry.Time.Advance(TimeSpan.FromSeconds(96));
        Assert.Null(await FindAsync(source));
        Assert.Equal([token, $"{Manifest} [Bearer t1]"], _registry.Asked.Skip(4));
    }

    [Fact]
    public async Task A_token_that_is_refused_is_replaced_once()
    {
        var tokens = 0;
        _registry.Answer = http => http.Request.Path == "/token" ? ScriptedRegistry.Status(http, 200, $$"""{"token":"t{{++tokens}}"}""")
            : http.Request.Headers.Authorization == "Bearer t2" ? ScriptedRegistry.Status(http, 404)
            : ScriptedRegistry.Challenge(http, "Bearer realm=\"http://registry.test/token\"");
        using var remote = _registry.Open();
        Assert.Contains("Give credentials", (await FailAsync(remote)).Message, StringComparison.Ordinal);
        Assert.Equal(1, tokens);
        Assert.Null(await FindAsync(remote.OpenRepository(RepositoryName.Parse("team/app"))));
        Assert.Equal(2, tokens);
    }

    [Fact]
    public async Task Many_requests_at_once_fetch_one_token()
    {
        AnswerWithTokens("auth.test", """{"token":"t1"}""");
        using var remote = _registry.Open();
        var source = remote.OpenRepository(RepositoryName.Parse("team/app"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => FindAsync(source)));
        Assert.Single(_registry.Asked, a => a.StartsWith("auth.test/token", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("auth.test")]
    [InlineData("a.registry.test")]
    public async Task A_token_service_elsewhere_does_not_get_the_password_unless_it_was_named(string realm)
    {
        AnswerWithTokens(realm, """{"token":"t1"}""");
        using (var remote = _registry.Open(Alice))
        {
            var e = await FailAsync(remote);
            Assert.Contains(realm, e.Message, StringComparison.Ordinal);
            Assert.Contains("TrustedRealms", e.Message, StringComparison.Ordinal);
            Assert.False(e.IsTransient);
            Assert.Equal([Manifest], _registry.Asked);
        }

        using (var remote = _registry.Open()) Assert.Null(await FindAsync(remote.OpenRepository(RepositoryName.Parse("team/app"))));
        Assert.DoesNotContain(_registry.Asked, a => a.Contains("Basic", StringComparison.Ordinal));
        using (var remote = _registry.Open(Alice, trustedRealms: realm)) Assert.Null(await FindAsync(remote.OpenRepository(RepositoryName.Parse("team/app"))));
        Assert.Single(_registry.Asked, a => a.StartsWith(realm + "/token", StringComparison.Ordinal) && a.EndsWith(AliceBasic, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_token_service_without_TLS_that_nobody_allowed_is_not_asked()
    {
        AnswerWithTokens("unknown.test", """{"token":"t1"}""");
        using var remote = _registry.Open();
        Assert.Contains("without TLS", (await FailAsync(remote)).Message, StringComparison.Ordinal);
        Assert.Equal([Manifest], _registry.Asked);
    }

    [Fact]
    public async Task A_token_service_that_sends_elsewhere_is_not_followed()
    {
        _registry.Answer = http => http.Request.Path == "/token" ? ScriptedRegistry.Status(http, 307, headers: ("Location", "http://other.test/token"))
            : ScriptedRegistry.Challenge(http, "Bearer realm=\"http://registry.test/token\"");
        using var remote = _registry.Open(Alice);
        Assert.Contains("registry.test answered 307 to /token", (await FailAsync(remote)).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_registry.Asked, a => a.StartsWith("other.test", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("<html>")]
    [InlineData("""{"token":5}""")]
    [InlineData("""{"token":"a\r\nb"}""")]
    [InlineData("""{"token":"\ud800"}""")]
    public async Task A_token_service_that_gives_no_token_is_told_of(string body)
    {
        AnswerWithTokens("registry.test", body);
        using var remote = _registry.Open(Alice);
        Assert.Contains("answered without one", (await FailAsync(remote)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Basic_is_sent_only_when_it_is_asked_for_and_from_then_on()
    {
        _registry.Answer = http => http.Request.Headers.Authorization.Count == 0 ? ScriptedRegistry.Challenge(http, "basic realm=x") : ScriptedRegistry.Status(http, 404);
        using var remote = _registry.Open(Alice);
        var source = remote.OpenRepository(RepositoryName.Parse("team/app"));
        for (var i = 0; i < 2; i++) Assert.Null(await FindAsync(source));
        Assert.Equal([Manifest, $"{Manifest} {AliceBasic}", $"{Manifest} {AliceBasic}"], _registry.Asked);
    }

    [Fact]
    public async Task A_token_of_ones_own_goes_to_the_registry_only()
    {
        _registry.Answer = http => http.Request.Headers.Authorization.Count == 0 ? ScriptedRegistry.Challenge(http, "Bearer realm=\"http://auth.test/token\"") : ScriptedRegistry.Status(http, 404);
        using var remote = _registry.Open(RemoteCredentials.OfToken("own"));
        Assert.Null(await FindAsync(remote.OpenRepository(RepositoryName.Parse("team/app"))));
        Assert.Equal([Manifest, $"{Manifest} [Bearer own]"], _registry.Asked);
    }

    [Theory]
    [InlineData("Basic realm=x")]
    [InlineData("Bearer realm=\"http://registry.test/token\"")]
    [InlineData("Negotiate")]
    public async Task Credentials_that_are_refused_end_the_matter_and_are_not_repeated_in_messages(string challenge)
    {
        _registry.Answer = http => http.Request.Path == "/token" ? ScriptedRegistry.Status(http, 200, """{"token":"hidden"}""")
            : ScriptedRegistry.Status(http, 401, """{"errors":[{"code":"UNAUTHORIZED","message":"no \u001b[31m secret YWxpY2U6c2VjcmV0 hidden\nFAKE"}]}""", "application/json", ("WWW-Authenticate", challenge));
        using var remote = _registry.Open(Alice);
        var e = await FailAsync(remote);
        Assert.Contains("registry.test answered 401 to /v2/team/app/manifests/v1: UNAUTHORIZED: no", e.Message, StringComparison.Ordinal);
        Assert.Contains("Look whether the credentials are right", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, char.IsControl);
        if (challenge.StartsWith("Basic", StringComparison.Ordinal)) Assert.DoesNotContain("YWxp", e.Message, StringComparison.Ordinal);
        if (challenge.StartsWith("Basic", StringComparison.Ordinal)) Assert.DoesNotContain("secret", e.Message, StringComparison.Ordinal);
        if (challenge.StartsWith("Bearer", StringComparison.Ordinal)) Assert.DoesNotContain("hidden", e.Message, StringComparison.Ordinal);
        Assert.InRange(_registry.Asked.Count, 1, 3);
    }

    // A token of this realm opens everything, and nothing is there.
    private void AnswerWithTokens(string realm, string token) => _registry.Answer = http =>
        http.Request.Path == "/token" ? ScriptedRegistry.Status(http, 200, token, "application/json")
        : http.Request.Headers.Authorization.Count > 0 ? ScriptedRegistry.Status(http, 404)
        : ScriptedRegistry.Challenge(http, $"Bearer realm=\"http://{realm}/token?a=b\",service=\"the service\",scope=\"repository:team/app:pull\"");

    private static Task<SourceManifest?> FindAsync(IImageSource source) => source.FindManifestAsync(Reference.Parse("v1"), default);

    private static Task<ImageSourceException> FailAsync(RemoteRegistry remote) =>
        Assert.ThrowsAsync<ImageSourceException>(() => FindAsync(remote.OpenRepository(RepositoryName.Parse("team/app"))));
}
