using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.JsonWebTokens;
using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Makes access tokens (RFC 7519), signed with ES256.</summary>
internal sealed class TokenIssuer(TokenSettings settings, KeyRing keys, TimeProvider timeProvider)
{
    private readonly JsonWebTokenHandler _handler = new();

    /// <summary>A token that gives these rights and no more; of very many as many as there is room for, from the first on.</summary>
    /// <param name="subject">Whose it is.</param>
    /// <param name="granted">What it gives.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The token, and what it gives.</returns>
    public async Task<(string Token, IReadOnlyList<AccessRule> Granted)> IssueAsync(Subject subject, IReadOnlyList<AccessRule> granted, CancellationToken cancellationToken)
    {
        var signer = await keys.GetSignerAsync(cancellationToken);
        while (true)
        {
            var token = _handler.CreateToken(Write(subject, granted), signer);
            if (token.Length <= TokenReader.MaxLength) return (token, granted);
            if (granted.Count == 0) throw new RegistryException(RegistryError.TokenRequestInvalid, "a token for this name has no room");
            // Entries are of much the same length, so this is soon enough.
            granted = [.. granted.Take(Math.Min(granted.Count - 1, (int)((long)granted.Count * TokenReader.MaxLength / token.Length)))];
        }
    }

    private string Write(Subject subject, IReadOnlyList<AccessRule> granted)
    {
        var now = timeProvider.GetUtcNow().ToUnixTimeSeconds();
        var payload = new JsonObject
        {
            ["iss"] = settings.Issuer,
            ["sub"] = subject.Name ?? "",
            ["aud"] = settings.Service,
            ["iat"] = now,
            ["nbf"] = now,
            ["exp"] = now + (long)settings.Lifetime.TotalSeconds,
            ["jti"] = RandomNumberGenerator.GetHexString(32, lowercase: true),
            [TokenClaims.Access] = new JsonArray([.. granted.Select(Entry)]),
        };
        if (subject.Origin is RefreshOrigin.Federation federated) payload[TokenClaims.Rules] = new JsonArray([.. federated.Rules.Select(r => (JsonNode)r)]);
        return payload.ToJsonString();
    }

    private static JsonNode Entry(AccessRule rule) => rule.Resource is { } resource
        ? new JsonObject { ["type"] = "registry", ["name"] = resource, ["actions"] = new JsonArray("*") }
        : new JsonObject
        {
            ["type"] = "repository",
            ["name"] = rule.Pattern,
            ["actions"] = new JsonArray([.. AccessRule.Words(rule.Actions).Select(w => (JsonNode)w)]),
        };
}
