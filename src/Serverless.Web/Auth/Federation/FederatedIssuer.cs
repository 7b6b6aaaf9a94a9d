using System.Text.Json;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Settings;

namespace Serverless.Web.Auth.Federation;

/// <summary>Somebody else's accounts: an OpenID Connect issuer whose tokens can be exchanged for access.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Issuer">Its <c>iss</c>.</param>
/// <param name="Validator">Checks its tokens.</param>
/// <param name="Rules">Whom to let in.</param>
internal sealed record FederatedIssuer(string Name, string Issuer, TokenValidator Validator, IReadOnlyList<FederationRule> Rules)
{
    /// <summary>Finds out whose token it is and what the rules give.</summary>
    /// <returns>The subject and the scope maps; null when the token does not hold, or no rule fits it.</returns>
    public async ValueTask<FederatedSubject?> FindSubjectAsync(string token, CancellationToken cancellationToken)
    {
        if (await Validator.ValidateAsync(token, cancellationToken) is not { } claims) return null;
        var scopes = Rules.Where(r => r.Matches(claims)).SelectMany(r => r.Scopes).Distinct().ToList();
        var subject = claims.TryGetProperty("sub", out var sub) && sub.ValueKind == JsonValueKind.String ? sub.GetString()! : "";
        return scopes.Count == 0 ? null : new FederatedSubject($"{Name}:{AuditLog.Printable(subject)}", scopes);
    }
}

/// <summary>Somebody who was let in by a federated issuer.</summary>
internal sealed record FederatedSubject(string Name, IReadOnlyList<string> Scopes);
