using System.Net;
using System.Security.Cryptography;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Tokens of another server, whose keys come from a key set. No storage is asked for them.</summary>
public sealed class ExternalTokenTests : IDisposable
{
    private readonly ManualTimeProvider _time = new(startNow: true);
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly TokenForge _forge;

    public ExternalTokenTests()
    {
        _forge = new TokenForge(ECDsa.Create(ECCurve.NamedCurves.nistP256), "one", _time);
        File.WriteAllText(_file, TokenForge.Jwks(TokenForge.Jwk(_forge.Key, "one")));
    }

    [Fact]
    public async Task Keys_come_from_a_file_and_the_challenge_names_the_other_server()
    {
        await using var registry = await StartAsync("Auth:Token:Jwks=" + _file);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _forge.Make()));
        using var answer = await registry.SendAsync("GET", "/v2/");
        Assert.Equal("Bearer realm=\"https://auth.example/token\",service=\"test-registry\"", answer.Headers.WwwAuthenticate.ToString());
        foreach (var path in (string[])["/token", "/oauth2/token", "/.well-known/jwks.json"])
        {
            using var none = await registry.SendAsync("GET", path);
            Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("<html>")]
    [InlineData("{\"keys\":null}")]
    [InlineData("{\"keys\":[]}")]
    [InlineData("{\"keys\":[{}]}")]
    [InlineData("{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}")]
    public async Task A_file_without_keys_is_refused_at_start(string text)
    {
        await File.WriteAllTextAsync(_file, text);
        var e = await Assert.ThrowsAsync<SettingsException>(() => StartAsync("Auth:Token:Jwks=" + _file));
        Assert.Equal("Registry:Auth:Token:Jwks must name a file with a JSON Web Key Set: {\"keys\":[...]} with at least one key of RSA or of an elliptic curve.", Assert.Single(e.Problems));
        File.Delete(_file);
        e = await Assert.ThrowsAsync<SettingsException>(() => StartAsync("Auth:Token:Jwks=" + _file));
        Assert.Equal("Registry:Auth:Token:Jwks names a file that is not there.", Assert.Single(e.Problems));
    }

    [Fact]
    public async Task Keys_come_from_a_URL_and_are_read_again_by_time_alone()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Documents["/keys"] = TokenForge.Jwks(TokenForge.Jwk(_forge.Key, "one"));
        await using var registry = await StartAsync($"Auth:Token:Jwks={server.Address}/keys");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _forge.Make()));

        using var next = new TokenForge(ECDsa.Create(ECCurve.NamedCurves.nistP256), "two", _time);
        server.Documents["/keys"] = TokenForge.Jwks(TokenForge.Jwk(next.Key, "two"));
        for (var i = 0; i < 5; i++) Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(registry, next.Make()));
        Assert.Single(server.Asked);

        _time.Advance(TimeSpan.FromMinutes(10));
        var (status, token) = (HttpStatusCode.Unauthorized, next.Make());
        for (var i = 0; i < 100 && (status = await StatusAsync(registry, token)) != HttpStatusCode.NotFound; i++) await Task.Delay(50);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(registry, _forge.Make()));
        Assert.Equal(2, server.Asked.Count);
    }

    [Fact]
    public async Task The_last_keys_stay_while_there_are_no_others()
    {
        await using var server = await LoopbackServer.StartAsync();
        server.Documents["/keys"] = TokenForge.Jwks(TokenForge.Jwk(_forge.Key, "one"));
        await using var registry = await StartAsync($"Auth:Token:Jwks={server.Address}/keys");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _forge.Make()));
        server.Documents["/keys"] = "<html>";
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(10));
            for (var j = 0; j < 100 && server.Asked.Count < i + 2; j++)
            {
                Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _forge.Make()));
                await Task.Delay(10);
            }

            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _forge.Make()));
        }
    }

    [Fact]
    public async Task Without_keys_nobody_is_let_in_and_everybody_is_asked_to_come_again()
    {
        await using var server = await LoopbackServer.StartAsync();
        await using var registry = await StartAsync($"Auth:Token:Jwks={server.Address}/keys");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync(registry, _forge.Make()));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(registry, "x"));
        server.Documents["/keys"] = TokenForge.Jwks(TokenForge.Jwk(_forge.Key, "one"));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _forge.Make()));
    }

    [Fact]
    public async Task Keys_of_several_kinds_serve_each_with_its_algorithms()
    {
        using var rsa = RSA.Create(2048);
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var point = rsa.ExportParameters(false);
        var jwk = new System.Text.Json.Nodes.JsonObject { ["kty"] = "RSA", ["kid"] = "rsa", ["n"] = Encode(point.Modulus!), ["e"] = Encode(point.Exponent!) };
        await File.WriteAllTextAsync(_file, TokenForge.Jwks(jwk, TokenForge.Jwk(p384, "p384"), TokenForge.Jwk(_forge.Key, "one")));
        var tokens = new Dictionary<string, string>
        {
            ["RS256"] = Make("RS256", "rsa", data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
            ["PS512"] = Make("PS512", "rsa", data => rsa.SignData(data, HashAlgorithmName.SHA512, RSASignaturePadding.Pss)),
            ["ES384"] = Make("ES384", "p384", data => p384.SignData(data, HashAlgorithmName.SHA384)),
            ["ES256"] = _forge.Make(),
        };
        await using var all = await StartAsync("Auth:Token:Jwks=" + _file);
        foreach (var token in tokens.Values) Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(all, token));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(all, Make("HS256", "rsa", data => HMACSHA256.HashData(point.Modulus!, data))));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(all, Make("ES256", "rsa", data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))));

        await using var narrow = await StartAsync("Auth:Token:Jwks=" + _file, "Auth:Token:Algorithms:0=ES384", "Auth:Token:Algorithms:1=PS512");
        foreach (var (algorithm, token) in tokens)
        {
            Assert.Equal(algorithm is "ES384" or "PS512" ? HttpStatusCode.NotFound : HttpStatusCode.Unauthorized, await StatusAsync(narrow, token));
        }
    }

    public void Dispose()
    {
        _forge.Dispose();
        File.Delete(_file);
    }

    private string Make(string algorithm, string id, Func<byte[], byte[]> sign) =>
        TokenForge.Make(_forge.Header(h => (h["alg"], h["kid"]) = (algorithm, id)), _forge.Claims(), sign);

    private static string Encode(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);

    private Task<RegistryServer> StartAsync(params string[] settings) => RegistryServer.StartAsync(
        (new InMemoryTableStore(_time), new InMemoryObjectStore(_time)), _time, ["Auth:Mode=token", "Auth:Token:Service=test-registry", "Auth:Token:Realm=https://auth.example/token", "Outbound:Allow:0=127.0.0.1", .. settings]);

    private static async Task<HttpStatusCode> StatusAsync(RegistryServer registry, string token)
    {
        using var answer = await registry.SendAsync("GET", "/v2/team/app/manifests/v1", headers: ("Authorization", "Bearer " + token));
        return answer.StatusCode;
    }
}
