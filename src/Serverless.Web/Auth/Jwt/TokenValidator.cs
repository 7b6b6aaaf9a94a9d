using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Serverless.Web.Auth.Jwt;

/// <summary>Decides whether a token was issued by somebody who is trusted, for this service and for now. It fetches nothing and asks no storage.</summary>
internal sealed class TokenValidator(TokenTrust trust, TimeProvider timeProvider)
{
    // Clocks differ; a token must not live much longer for it.
    private static readonly TimeSpan s_leeway = TimeSpan.FromSeconds(60);

    // Where a token names keys of its own, or demands that something be understood, it is refused rather than read.
    private static readonly string[] s_refusedHeaders = ["jwk", "jku", "x5u", "crit", "b64", "zip"];

    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = TokenReader.MaxLength };

    /// <summary>The token's claims; null when it does not hold.</summary>
    public async ValueTask<JsonElement?> ValidateAsync(string token, CancellationToken cancellationToken)
    {
        if (TokenReader.Find(token) is not var (header, payload)) return null;
        if (s_refusedHeaders.Any(name => header.TryGetProperty(name, out _))) return null;
        if (Text(header, "alg") is not { } algorithm || !trust.Algorithms.Contains(algorithm)) return null;
        var keys = header.TryGetProperty("x5c", out var chain)
            ? CertificateChain.FindKey(chain, trust.Roots, timeProvider.GetUtcNow()) is { } key ? [key] : []
            : Candidates(await trust.FindKeysAsync(Text(header, "kid"), cancellationToken), Text(header, "kid"));
        if (keys.Count == 0) return null;
        return (await _handler.ValidateTokenAsync(token, Parameters(keys))).IsValid ? payload : null;
    }

    // A name only chooses among the keys at hand. A key without the name may still be the one: some servers name keys in ways of their own.
    private static IReadOnlyList<SecurityKey> Candidates(IReadOnlyList<SecurityKey> keys, string? id) =>
        id is not null && keys.Where(k => k.KeyId == id).ToList() is { Count: > 0 } named ? named : keys;

    private TokenValidationParameters Parameters(IReadOnlyList<SecurityKey> keys) => new()
    {
        ValidAlgorithms = trust.Algorithms,
        IssuerSigningKeyResolver = (_, _, _, _) => keys,
        ValidIssuer = trust.Issuer,
        ValidAudience = trust.Audience,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        IgnoreTrailingSlashWhenValidatingAudience = false,
        LifetimeValidator = IsTimely,
    };

    private bool IsTimely(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters parameters)
    {
        var now = timeProvider.GetUtcNow().UtcDateTime;
        // The leeway goes to our clock's side: a token without nbf comes as the first of all days, from which nothing can be taken away.
        return expires is { } end && now - s_leeway < end && (notBefore is not { } start || now + s_leeway >= start) && IsShort(notBefore, end, now);
    }

    // Our own issuer makes no token that lives longer than the settings say, so one that does is not ours, however well it is signed, or is from before they said so. Its beginning
    // cannot be put off to make it last, since it must have come. Of a token without a beginning, what is left counts.
    private bool IsShort(DateTime? notBefore, DateTime end, DateTime now) =>
        trust.MaxLifetime is not { } longest || end - (notBefore is { } start && start > DateTime.MinValue ? start : now) <= longest + s_leeway;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
