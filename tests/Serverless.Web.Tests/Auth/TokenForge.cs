using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Serverless.Registry.Accounts;

namespace Serverless.Web.Tests.Auth;

/// <summary>Makes tokens by hand, right ones and wrong ones, with the key of a server.</summary>
internal sealed class TokenForge(ECDsa key, string keyId, TimeProvider time) : IDisposable
{
    public const string Service = "test-registry";

    public ECDsa Key => key;

    public string KeyId => keyId;

    /// <summary>A forge that holds the registry's own signing key.</summary>
    public static async Task<TokenForge> OfAsync(RegistryServer registry, TimeProvider time)
    {
        var signing = (await new SigningKeyStore(registry.Stores.Tables, time).ListAsync(default))[^1];
        var key = ECDsa.Create();
        key.ImportFromPem(signing.PrivateKeyPem);
        return new TokenForge(key, signing.Id, time);
    }

    /// <summary>A token; unless something is changed it is a right one that lets one pull from team/app.</summary>
    public string Make(Action<JsonObject>? header = null, Action<JsonObject>? claims = null, ECDsa? with = null) =>
        Make(Header(header), Claims(claims), data => (with ?? key).SignData(data, HashAlgorithmName.SHA256));

    public JsonObject Header(Action<JsonObject>? change = null)
    {
        var header = new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT", ["kid"] = keyId };
        change?.Invoke(header);
        return header;
    }

    public JsonObject Claims(Action<JsonObject>? change = null)
    {
        var claims = new JsonObject
        {
            ["iss"] = Service,
            ["sub"] = "mallory",
            ["aud"] = Service,
            ["nbf"] = Seconds(0),
            ["exp"] = Seconds(300),
            ["access"] = new JsonArray(Entry("repository", "team/app", "pull")),
        };
        change?.Invoke(claims);
        return claims;
    }

    public static JsonObject Entry(JsonNode? type, JsonNode? name, params string[] actions) =>
        new() { ["type"] = type, ["name"] = name, ["actions"] = new JsonArray([.. actions.Select(a => (JsonNode)a)]) };

    /// <summary>A time so many seconds from now, as tokens have it.</summary>
    public long Seconds(int fromNow) => time.GetUtcNow().ToUnixTimeSeconds() + fromNow;

    public static string Make(JsonObject header, JsonObject claims, Func<byte[], byte[]> sign) => Make(header.ToJsonString(), claims.ToJsonString(), sign);

    public static string Make(string header, string claims, Func<byte[], byte[]> sign)
    {
        var text = Encode(header) + "." + Encode(claims);
        return text + "." + Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(text)));
    }

    public static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    /// <summary>The public half of a key as a JSON Web Key.</summary>
    public static JsonObject Jwk(ECDsa key, string? id)
    {
        var point = key.ExportParameters(includePrivateParameters: false).Q;
        var jwk = new JsonObject
        {
            ["kty"] = "EC",
            ["use"] = "sig",
            ["crv"] = "P-" + key.KeySize,
            ["x"] = Base64Url.EncodeToString(point.X),
            ["y"] = Base64Url.EncodeToString(point.Y),
        };
        if (id is not null) jwk["kid"] = id;
        return jwk;
    }

    /// <summary>A JSON Web Key Set of such keys.</summary>
    public static string Jwks(params JsonObject[] keys) => new JsonObject { ["keys"] = new JsonArray([.. keys.Select(k => k.DeepClone())]) }.ToJsonString();

    public void Dispose() => key.Dispose();
}
