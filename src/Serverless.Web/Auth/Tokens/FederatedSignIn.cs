using System.Text.Json;
using Serverless.Registry.Accounts;
using Serverless.Web.Auth.Federation;
using Serverless.Web.Auth.Jwt;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Web.Auth.Tokens;

/// <summary>Somebody else's accounts, by the tokens of the issuers that are trusted.</summary>
internal sealed class FederatedSignIn(IEnumerable<FederatedIssuer> issuers, AccountRights accounts, SignInAttempts attempts)
{
    private readonly FederatedIssuer[] _issuers = [.. issuers];

    /// <summary>Whose token it is; null when no issuer that is trusted vouches for it, or no rule lets its holder in.</summary>
    public Task<Subject?> FindAsync(HttpContext http, string token) =>
        attempts.TrySecretAsync(http, TokenService.TokenUser, "federation", () => CheckAsync(token, http.RequestAborted));

    /// <summary>The scope maps that rules give, by their fingerprints; null when one of them is not among the rules any more.</summary>
    public IReadOnlyList<string>? FindScopes(IReadOnlyList<string> fingerprints)
    {
        var rules = fingerprints.Select(f => _issuers.Select(i => i.FindRule(f)).FirstOrDefault(r => r is not null)).ToList();
        return rules.Contains(null) ? null : [.. rules.SelectMany(r => r!.Scopes).Distinct()];
    }

    private async Task<Subject?> CheckAsync(string token, CancellationToken cancellationToken)
    {
        if (TokenReader.Find(token) is not var (_, claims) || !claims.TryGetProperty("iss", out var iss) || iss.ValueKind != JsonValueKind.String) return null;
        // What the token says of its issuer only chooses among those that are trusted.
        foreach (var issuer in _issuers.Where(i => iss.ValueEquals(i.Issuer)))
        {
            if (await issuer.FindSubjectAsync(token, cancellationToken) is { } subject)
            {
                return new Subject(subject.Name, "federation", await accounts.SumAsync(subject.Scopes, cancellationToken)) { Origin = new RefreshOrigin.Federation(subject.Rules) };
            }
        }

        return null;
    }
}
