using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Makes access tokens (RFC 7519), signed with ES256.</summary>
internal sealed class TokenIssuer(TokenSettings settings, KeyRing keys, TimeProvider timeProvider)
{
    private readonly JsonWebTokenHandler _handler = new();

    /// <summary>A token that gives these rights and no more.</summary>
    /// <param name="subject">Whose it is; null: anybody's.</param>
    /// <param name="granted">What it gives.</param>
    /// <param name="visible">The rights of whoever holds it; the catalog shows where they let one pull.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<string> IssueAsync(string? subject, IReadOnlyList<AccessRule> granted, AccessRights visible, CancellationToken cancellationToken)
    {
        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var payload = new JsonObject
        {
            ["iss"] = settings.Issuer,
            ["sub"] = subject ?? "",
            ["aud"] = settings.Service,
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + (long)settings.Lifetime.TotalSeconds,
            ["jti"] = RandomNumberGenerator.GetHexString(32, lowercase: true),
            [TokenClaims.Access] = new JsonArray([.. granted.Select(Entry)]),
        };
        var patterns = visible.Rules.Where(r => r.Actions.HasFlag(RepositoryActions.Pull)).Select(r => (JsonNode)r.Pattern).ToArray();
        if (patterns.Length > 0) payload[TokenClaims.Visible] = new JsonArray(patterns);
        var signer = await keys.GetSignerAsync(cancellationToken);
        var token = _handler.CreateToken(payload.ToJsonString(), signer);
        if (token.Length <= TokenReader.MaxLength) return token;
        // A token that nobody would take is worse than a catalog that shows less.
        payload.Remove(TokenClaims.Visible);
        token = _handler.CreateToken(payload.ToJsonString(), signer);
        return token.Length <= TokenReader.MaxLength ? token : throw new RegistryException(RegistryError.TokenRequestInvalid, "too many scopes for one token");
    }

    private static JsonNode Entry(AccessRule rule) => rule == AccessRule.Catalog
        ? new JsonObject { ["type"] = "registry", ["name"] = "catalog", ["actions"] = new JsonArray("*") }
        : new JsonObject
        {
            ["type"] = "repository",
            ["name"] = rule.Pattern,
            ["actions"] = new JsonArray([.. AccessRule.Words(rule.Actions).Select(w => (JsonNode)w)]),
        };
}
