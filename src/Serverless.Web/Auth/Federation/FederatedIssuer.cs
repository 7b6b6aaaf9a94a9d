using System.Text.Json;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Federation;

/// <summary>Somebody else's accounts: an OpenID Connect issuer whose tokens can be exchanged for access.</summary>
internal sealed class FederatedIssuer(FederationSettings settings, TokenValidator validator)
{
    private readonly Dictionary<string, FederationRule> _rules = settings.Rules.DistinctBy(settings.Fingerprint).ToDictionary(settings.Fingerprint, StringComparer.Ordinal);

    /// <summary>Its <c>iss</c>.</summary>
    public string Issuer => settings.Issuer.OriginalString;

    /// <summary>Finds out whose token it is and which rules fit it.</summary>
    /// <returns>The subject and the scope maps; null when the token does not hold, or no rule fits it.</returns>
    public async ValueTask<FederatedSubject?> FindSubjectAsync(string token, CancellationToken cancellationToken)
    {
        if (await validator.ValidateAsync(token, cancellationToken) is not { } claims) return null;
        var rules = _rules.Where(r => r.Value.Matches(claims)).ToList();
        var subject = claims.TryGetProperty("sub", out var sub) && sub.ValueKind == JsonValueKind.String ? sub.GetString()! : "";
        return rules.Count == 0
            ? null
            : new FederatedSubject($"{settings.Name}:{AuditLog.Printable(subject)}", [.. rules.SelectMany(r => r.Value.Scopes).Distinct()], [.. rules.Select(r => r.Key)]);
    }

    /// <summary>The rule that has this fingerprint; null when there is none.</summary>
    public FederationRule? FindRule(string fingerprint) => _rules.GetValueOrDefault(fingerprint);
}
