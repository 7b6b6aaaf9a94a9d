using System.Net;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Auth.Tokens;
using Xunit;

namespace Serverless.Web.Tests.Auth;

public sealed class KeySourceTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Keys_of_an_https_issuer_are_not_read_over_http()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var http = new HttpClient(new Answers(new()
        {
            ["https://issuer.example/.well-known/openid-configuration"] = """{"issuer":"https://issuer.example","jwks_uri":"http://issuer.example/keys"}""",
            ["http://issuer.example/keys"] = TokenForge.Jwks(TokenForge.Jwk(key, "k")),
        }));
        using var sources = new JwksSources(http, _time, NullLogger<JwksSource>.Instance);
        var source = sources.Discovery(new Uri("https://issuer.example"));
        await Assert.ThrowsAsync<RegistryException>(async () => await source.GetAsync(default));
    }

    [Fact]
    public async Task A_document_without_keys_does_not_replace_those_at_hand()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var answers = new Answers(new() { ["https://auth.example/keys"] = TokenForge.Jwks(TokenForge.Jwk(key, "k")) });
        using var http = new HttpClient(answers);
        using var sources = new JwksSources(http, _time, NullLogger<JwksSource>.Instance);
        var source = sources.Url(new Uri("https://auth.example/keys"));
        Assert.Single(await source.GetAsync(default));
        answers.Documents["https://auth.example/keys"] = """{"message":"maintenance"}""";
        _time.Advance(TimeSpan.FromMinutes(10));
        await source.GetAsync(default);
        await Task.Delay(200);
        Assert.Single(await source.GetAsync(default));
    }

    // The read may be over before it is waited for: then it must not stay behind as the read under way.
    [Fact]
    public async Task Keys_are_read_again_and_again()
    {
        var reads = 0;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signing = new SigningKey("k", key.ExportPkcs8PrivateKeyPem(), _time.GetUtcNow());
        var source = new KeyRingSource(_ => { reads++; return Task.FromResult<IReadOnlyList<SigningKey>>([signing]); }, TimeSpan.FromMinutes(10));
        var ring = new KeyRing(source, new VerifiedTokens(_time), _time, NullLogger<KeyRing>.Instance);
        for (var i = 1; i <= 20_000; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(15));
            await ring.FindKeysAsync(null, default);
            Assert.Equal(i, reads);
        }
    }

    [Fact]
    public async Task A_vault_that_does_not_answer_stops_nobody_for_an_hour()
    {
        var (reads, isDown) = (0, false);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var signing = new SigningKey("k", key.ExportPkcs8PrivateKeyPem(), _time.GetUtcNow());
        var source = KeyRingSource.Vault(new ScriptedKeys(() => { reads++; return isDown ? throw new StorageUnavailableException("down") : [signing]; }));
        var ring = new KeyRing(source, new VerifiedTokens(_time), _time, NullLogger<KeyRing>.Instance);
        Assert.Single(await ring.FindKeysAsync("k", default));
        isDown = true;
        for (var seconds = 10; seconds < 3600; seconds += 10)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            // The reading goes on in the background.
            await Task.Delay(5);
            Assert.Single(await ring.FindKeysAsync("k", default));
            Assert.Equal("k", (await ring.GetSignerAsync(default)).Kid);
        }

        // Not each request asks a vault that is down.
        Assert.InRange(reads, 2, 120);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await ring.FindKeysAsync("k", default));
        isDown = false;
        Assert.Single(await ring.FindKeysAsync("k", default));
    }

    private sealed class ScriptedKeys(Func<IReadOnlyList<SigningKey>> read) : ISigningKeys
    {
        public async Task<IReadOnlyList<SigningKey>> ListAsync(CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            return read();
        }

        public Task<SigningKey> RotateAsync(bool atOnce, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<SigningKeyRemoval> RemoveAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Answers(Dictionary<string, string> documents) : HttpMessageHandler
    {
        public Dictionary<string, string> Documents => documents;

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => Task.FromResult(
            documents.TryGetValue(request.RequestUri!.AbsoluteUri, out var text) ? new HttpResponseMessage { Content = new StringContent(text) } : new HttpResponseMessage(HttpStatusCode.NotFound));
    }
}
