using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.Tokens;
using Serverless.Testing;
using Serverless.Web.Auth;
using Serverless.Web.Auth.Federation;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Auth.Tokens;
using Serverless.Web.Http;
using Serverless.Web.Settings;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Whatever comes as a token is believed or not. An exception would be a fault of the server.</summary>
public sealed class TokenFuzzTests : IDisposable
{
    private static readonly Gen<string> s_names = Gen.Elements("alg", "kid", "typ", "x5c", "jwk", "crit", "b64", "zip", "iss", "aud", "sub", "exp", "nbf", "iat", "jti", "access", "rules", "type", "name", "actions", "x", "\\ud800", "\\u0065xp");

    private readonly ManualTimeProvider _time = new(startNow: true);
    private readonly TokenForge _forge;
    private readonly TokenAuthenticator _authenticator;
    private readonly FederatedIssuer _issuer;
    private int _believed;

    public TokenFuzzTests()
    {
        _forge = new TokenForge(ECDsa.Create(ECCurve.NamedCurves.nistP256), "one", _time);
        var key = new ECDsaSecurityKey(_forge.Key) { KeyId = "one" };
        var trust = new TokenTrust(TokenForge.Service, TokenForge.Service, TokenSettings.AllAlgorithms, (_, _) => ValueTask.FromResult<IReadOnlyList<SecurityKey>>([key]));
        var settings = new TokenSettings { Service = TokenForge.Service, Issuer = TokenForge.Service };
        var validator = new TokenValidator(trust, _time);
        _authenticator = new TokenAuthenticator(settings, new Locations(null, ""), validator, new VerifiedTokens(_time), new OpenStanding());
        var rule = new FederationRule(new Dictionary<string, string> { ["sub"] = "mal*", ["x"] = "*" }, ["ci"]);
        _issuer = new FederatedIssuer(new FederationSettings("forge", new Uri("https://forge.test"), TokenForge.Service, TokenSettings.AllAlgorithms, [rule]), validator);
    }

    public void Dispose() => _forge.Dispose();

    [Fact]
    public void A_token_in_which_something_was_changed_is_believed_or_not() =>
        FuzzedInputs.Check(FuzzedInputs.Mutated(Gen.Constant(_forge.Make())), 5, Look);

    [Fact]
    public void A_rightly_signed_token_with_changed_JSON_is_believed_or_not()
    {
        var header = Gen.Frequency((3, Gen.Constant(_forge.Header().ToJsonString())), (1, FuzzedInputs.Mutated(Gen.Constant(_forge.Header().ToJsonString()))));
        FuzzedInputs.Check(from h in header from c in FuzzedInputs.Mutated(Gen.Constant(_forge.Claims().ToJsonString())) select Sign(h, c), 5, Look);
        Assert.True(_believed > 0, "No input was near enough to a right token.");
    }

    [Fact]
    public void A_rightly_signed_token_with_claims_of_any_kind_is_believed_or_not()
    {
        var field = from name in s_names from value in FuzzedInputs.Json(s_names) select (name, value);
        var tokens = from claims in field.ListOf(2)
                     from headers in field.ListOf(1)
                     from changeHeader in Gen.Elements(true, false, false)
                     select Sign(changeHeader ? With(_forge.Header().ToJsonString(), headers) : _forge.Header().ToJsonString(), With(_forge.Claims().ToJsonString(), claims));
        FuzzedInputs.Check(tokens, 5, Look);
        Assert.True(_believed > 0, "No input was near enough to a right token.");
    }

    [Fact]
    public void Bytes_and_odd_base64url_are_believed_or_not()
    {
        var part = Gen.OneOf(
            FuzzedInputs.Bytes(40).Select(b => Base64Url.EncodeToString(b)), FuzzedInputs.Bytes(40).Select(b => Encoding.Latin1.GetString(b)), FuzzedInputs.Json(s_names).Select(TokenForge.Encode),
            FuzzedInputs.Mutated(Gen.Constant(_forge.Make().Split('.')[1])), FuzzedInputs.Bytes(20).Select(b => TokenForge.Encode("{\"alg\":\"") + Base64Url.EncodeToString(b)));
        FuzzedInputs.Check(from parts in part.ListOf(3) from prefix in Gen.Elements("", "ey") select prefix + string.Join('.', parts), 5, Look);
    }

    private void Look(string token)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = "Bearer " + token;
        var caller = _authenticator.IdentifyAsync(http).AsTask().GetAwaiter().GetResult();
        var subject = _issuer.FindSubjectAsync(token, default).AsTask().GetAwaiter().GetResult();
        if (caller is not null || subject is not null) _believed++;
    }

    // A name that is there already is given another value: twice would be refused at once.
    private static string With(string json, IEnumerable<(string Name, string Value)> fields)
    {
        foreach (var (name, value) in fields)
        {
            var node = System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject();
            if (!name.StartsWith('\\')) node.Remove(name);
            json = $"{node.ToJsonString()[..^1]},\"{name}\":{value}}}";
            if (value.Contains("\\ud", StringComparison.Ordinal) || name.StartsWith('\\')) break;
        }

        return json;
    }

    private string Sign(string header, string claims) => TokenForge.Make(header, claims, data => _forge.Key.SignData(data, HashAlgorithmName.SHA256));
}
