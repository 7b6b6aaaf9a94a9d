using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Tokens with a signature that must not be believed.</summary>
public abstract class TokenAttackTests(IStorageKind storage) : ForgedTokenTest(storage)
{
    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("NONE")]
    [InlineData("nOnE")]
    [InlineData("")]
    [InlineData(" none")]
    [InlineData("es256")]
    [InlineData("ES256K")]
    public async Task A_token_that_needs_no_signature_by_its_own_word_is_refused(string algorithm)
    {
        using var forge = await ForgeAsync();
        var token = forge.Make(h => h["alg"] = algorithm);
        await RefusedAsync(token);
        await RefusedAsync(token[..(token.LastIndexOf('.') + 1)]);
        await RefusedAsync(token[..token.LastIndexOf('.')]);
    }

    [Fact]
    public async Task A_token_whose_algorithm_is_no_text_is_refused()
    {
        using var forge = await ForgeAsync();
        foreach (var algorithm in (JsonNode?[])[null, 256, true, new JsonArray("ES256"), new JsonObject()]) await RefusedAsync(forge.Make(h => h["alg"] = algorithm));
        await RefusedAsync(forge.Make(h => h.Remove("alg")));
    }

    [Theory]
    [InlineData("HS256")]
    [InlineData("HS384")]
    [InlineData("HS512")]
    public async Task The_public_key_is_no_secret(string algorithm)
    {
        using var forge = await ForgeAsync();
        var point = forge.Key.ExportParameters(false).Q;
        using var published = await Registry.SendAsync("GET", "/.well-known/jwks.json");
        var secrets = (byte[][])
        [
            Encoding.UTF8.GetBytes(forge.Key.ExportSubjectPublicKeyInfoPem()),
            Encoding.UTF8.GetBytes(forge.Key.ExportSubjectPublicKeyInfoPem() + "\n"),
            forge.Key.ExportSubjectPublicKeyInfo(),
            [4, .. point.X!, .. point.Y!],
            point.X!,
            await published.Content.ReadAsByteArrayAsync(),
            [],
        ];
        foreach (var secret in secrets)
        {
            await RefusedAsync(TokenForge.Make(forge.Header(h => h["alg"] = algorithm), forge.Claims(), data => algorithm switch
            {
                "HS256" => HMACSHA256.HashData(secret, data),
                "HS384" => HMACSHA384.HashData(secret, data),
                _ => HMACSHA512.HashData(secret, data),
            }));
        }
    }

    [Theory]
    [InlineData("jwk")]
    [InlineData("jku")]
    [InlineData("x5u")]
    [InlineData("x5c")]
    public async Task A_token_that_brings_its_own_key_is_refused_and_nobody_is_asked_for_it(string header)
    {
        await using var server = await LoopbackServer.StartAsync();
        using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=mallory", own, HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(Time.GetUtcNow().AddDays(-1), Time.GetUtcNow().AddDays(1));
        server.Documents["/jwks"] = TokenForge.Jwks(TokenForge.Jwk(own, "own"));
        server.Documents["/pem"] = certificate.ExportCertificatePem();
        using var forge = await ForgeAsync();
        foreach (var id in (string[])["own", forge.KeyId])
        {
            void Change(JsonObject h)
            {
                h["kid"] = id;
                h[header] = header switch
                {
                    "jwk" => TokenForge.Jwk(own, id),
                    "jku" => server.Address + "/jwks",
                    "x5u" => server.Address + "/pem",
                    _ => new JsonArray(Convert.ToBase64String(certificate.RawData)),
                };
            }

            await RefusedAsync(forge.Make(Change, with: own));
            // Even with the right signature: whoever names another key may have meant it.
            await RefusedAsync(forge.Make(Change));
        }

        Assert.Empty(server.Asked);
    }

    [Theory]
    [InlineData("""{"crit":["exp"]}""")]
    [InlineData("""{"crit":[]}""")]
    [InlineData("""{"b64":false,"crit":["b64"]}""")]
    [InlineData("""{"b64":false}""")]
    [InlineData("""{"zip":"DEF"}""")]
    [InlineData("""{"x5c":[]}""")]
    [InlineData("""{"x5c":"none"}""")]
    [InlineData("""{"x5c":[1]}""")]
    [InlineData("""{"x5c":["%%%"]}""")]
    [InlineData("""{"jwk":null}""")]
    public async Task A_token_that_demands_more_than_is_understood_is_refused(string more)
    {
        using var forge = await ForgeAsync();
        await RefusedAsync(forge.Make(h =>
        {
            foreach (var (name, value) in JsonNode.Parse(more)!.AsObject()) h[name] = value?.DeepClone();
        }));
    }

    [Fact]
    public async Task The_name_of_a_key_is_a_name_and_no_more()
    {
        using var forge = await ForgeAsync();
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var id in (JsonNode?[])[forge.KeyId, "other", "", "../../../dev/null", "/dev/null", "' UNION SELECT 'key", "k1' or PartitionKey ne '", "http://127.0.0.1/", "k1\0", new string('k', 5000), null, 1, new JsonArray("k1")])
        {
            await RefusedAsync(forge.Make(h => h["kid"] = id?.DeepClone(), with: foreign));
        }

        await RefusedAsync(forge.Make(h => h.Remove("kid"), with: foreign));
        await AcceptedAsync(forge.Make(h => h.Remove("kid")));
    }

    [Fact]
    public async Task A_key_of_another_curve_or_kind_is_refused()
    {
        using var forge = await ForgeAsync();
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var rsa = RSA.Create(2048);
        await RefusedAsync(forge.Make(with: p384));
        await RefusedAsync(TokenForge.Make(forge.Header(h => h["alg"] = "ES384"), forge.Claims(), data => p384.SignData(data, HashAlgorithmName.SHA384)));
        await RefusedAsync(TokenForge.Make(forge.Header(h => h["alg"] = "ES384"), forge.Claims(), data => forge.Key.SignData(data, HashAlgorithmName.SHA384)));
        await RefusedAsync(TokenForge.Make(forge.Header(h => h["alg"] = "RS256"), forge.Claims(), data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }
}

public sealed class TokenAttackTestsInMemory(InMemoryStorage storage) : TokenAttackTests(storage), IClassFixture<InMemoryStorage>;

[Collection(AzuriteCollection.Name)]
public sealed class TokenAttackTestsOnAzurite(AzuriteStorage storage) : TokenAttackTests(storage);
