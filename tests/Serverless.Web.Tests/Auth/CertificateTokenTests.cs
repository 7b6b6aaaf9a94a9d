using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Serverless.Registry.Storage.InMemory;
using Serverless.Testing;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Tokens of another server that is known by certificates.</summary>
public sealed class CertificateTokenTests : IDisposable
{
    private readonly ManualTimeProvider _time = new(startNow: true);
    private readonly string _bundle = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;
    private readonly X509Certificate2 _leaf;

    public CertificateTokenTests()
    {
        _root = Issue("root", null);
        _intermediate = Issue("intermediate", _root);
        _leaf = Issue("leaf", _intermediate, authority: false, days: 2);
        File.WriteAllText(_bundle, _root.ExportCertificatePem());
    }

    [Fact]
    public async Task A_chain_to_the_root_is_believed()
    {
        await using var registry = await StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _leaf, _leaf, _intermediate));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _leaf, _leaf, _intermediate, _root));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _intermediate, _intermediate));
    }

    [Fact]
    public async Task A_chain_that_is_broken_or_leads_elsewhere_is_not_believed()
    {
        using var otherRoot = Issue("root", null);
        using var otherLeaf = Issue("leaf", otherRoot, authority: false);
        using var ofLeaf = Issue("below", _leaf, authority: false, days: 1);
        using var self = Issue("leaf", null);
        await using var registry = await StartAsync();
        foreach (var (signer, chain) in ((X509Certificate2, X509Certificate2[])[])
            [
                (_leaf, [_leaf]), (_leaf, [_intermediate, _leaf]), (_leaf, [_root, _leaf, _intermediate]), (otherLeaf, [_leaf, _intermediate]), (otherLeaf, [otherLeaf, otherRoot]), (otherLeaf, [otherLeaf, _root]),
                (self, [self]), (ofLeaf, [ofLeaf, _leaf, _intermediate]), (_leaf, [_leaf, _intermediate, .. Enumerable.Repeat(_intermediate, 7)]),
            ])
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(registry, signer, chain));
        }
    }

    [Fact]
    public async Task A_certificate_counts_in_its_time()
    {
        await using var registry = await StartAsync();
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _leaf, _leaf, _intermediate));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(registry, _leaf, _leaf, _intermediate));
    }

    [Fact]
    public async Task Nobody_is_asked_for_certificates_that_are_missing()
    {
        await using var server = await LoopbackServer.StartAsync();
        using var leaf = Issue("leaf", _intermediate, authority: false, place: new Uri(server.Address + "/intermediate"));
        await using var registry = await StartAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(registry, leaf, leaf));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, leaf, leaf, _intermediate));
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task The_key_of_a_certificate_in_the_bundle_signs_without_a_chain()
    {
        await using var registry = await StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _root));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(registry, _leaf));
    }

    [Fact]
    public async Task A_registry_that_knows_no_root_believes_no_chain()
    {
        using var key = _leaf.GetECDsaPrivateKey()!;
        await File.WriteAllTextAsync(_bundle, TokenForge.Jwks(TokenForge.Jwk(key, "leaf")));
        await using var registry = await StartAsync("Jwks");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(registry, _leaf));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(registry, _leaf, _leaf, _intermediate, _root));
    }

    public void Dispose()
    {
        foreach (var certificate in (X509Certificate2[])[_root, _intermediate, _leaf]) certificate.Dispose();
        File.Delete(_bundle);
    }

    private X509Certificate2 Issue(string name, X509Certificate2? issuer, bool authority = true, int days = 30, Uri? place = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        if (place is not null) request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [place.AbsoluteUri]));
        var (from, to) = (_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(days));
        if (issuer is null) return request.CreateSelfSigned(from, to);
        // Not by the issuer's certificate, which would refuse to sign what it may not.
        using var issuerKey = issuer.GetECDsaPrivateKey()!;
        using var certificate = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), from, to, Guid.NewGuid().ToByteArray());
        return certificate.CopyWithPrivateKey(key);
    }

    private Task<RegistryServer> StartAsync(string setting = "RootCertBundle") => RegistryServer.StartAsync(
        (new InMemoryTableStore(_time), new InMemoryObjectStore(_time)), _time,
        "Auth:Mode=token", "Auth:Token:Service=test-registry", "Auth:Token:Realm=https://auth.example/token", $"Auth:Token:{setting}={_bundle}");

    private async Task<HttpStatusCode> StatusAsync(RegistryServer registry, X509Certificate2 signer, params X509Certificate2[] chain)
    {
        using var forge = new TokenForge(signer.GetECDsaPrivateKey()!, "any", _time);
        var token = forge.Make(h =>
        {
            if (chain.Length > 0) h["x5c"] = new JsonArray([.. chain.Select(c => (JsonNode)Convert.ToBase64String(c.RawData))]);
        });
        using var answer = await registry.SendAsync("GET", "/v2/team/app/manifests/v1", headers: ("Authorization", "Bearer " + token));
        return answer.StatusCode;
    }
}
