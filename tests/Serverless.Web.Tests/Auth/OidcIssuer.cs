using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Serverless.Web.Tests.Auth;

/// <summary>A small OpenID Connect issuer: a discovery document, keys, and tokens like those of a build service.</summary>
internal sealed class OidcIssuer : IAsyncDisposable
{
    public const string Audience = "https://registry.example";

    private readonly TimeProvider _time;
    private int _rotations;

    private OidcIssuer(LoopbackServer server, TimeProvider time)
    {
        (Server, _time) = (server, time);
        Forge = NewForge();
        Publish();
    }

    public LoopbackServer Server { get; }

    /// <summary>Its present key.</summary>
    public TokenForge Forge { get; private set; }

    /// <summary>Its name, which is its address.</summary>
    public string Address => Server.Address;

    public static async Task<OidcIssuer> StartAsync(TimeProvider time) => new(await LoopbackServer.StartAsync(), time);

    /// <summary>Puts its documents where they belong.</summary>
    public void Publish()
    {
        Server.Documents["/.well-known/openid-configuration"] = new JsonObject { ["issuer"] = Address, ["jwks_uri"] = Address + "/keys" }.ToJsonString();
        Server.Documents["/keys"] = TokenForge.Jwks(TokenForge.Jwk(Forge.Key, Forge.KeyId));
    }

    /// <summary>Goes on with another key. The one before is gone at once.</summary>
    public void Rotate()
    {
        Forge.Dispose();
        _rotations++;
        Forge = NewForge();
        Publish();
    }

    /// <summary>A token that says whose build it is; a right one unless something is changed.</summary>
    public string Make(Action<JsonObject>? change = null) => Forge.Make(claims: claims =>
    {
        claims.Remove("access");
        claims["iss"] = Address;
        claims["aud"] = Audience;
        claims["sub"] = "repo:org/app";
        claims["repository_id"] = "42";
        claims["ref"] = "refs/tags/v1";
        change?.Invoke(claims);
    });

    public async ValueTask DisposeAsync()
    {
        Forge.Dispose();
        await Server.DisposeAsync();
    }

    private TokenForge NewForge() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256), $"issuer-{_rotations}", _time);
}
