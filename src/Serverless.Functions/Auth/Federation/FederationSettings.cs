using Serverless.Functions.Auth.Tokens;
using Serverless.Functions.Hosting;

namespace Serverless.Functions.Auth.Federation;

/// <summary>The settings of one federated issuer.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Issuer">Its address, exactly as its tokens have it.</param>
/// <param name="Audience">The audience that its tokens must be for: one that is ours alone.</param>
/// <param name="Algorithms">The signature algorithms that are accepted.</param>
/// <param name="Rules">Whom to let in.</param>
internal sealed record FederationSettings(string Name, Uri Issuer, string Audience, IReadOnlyList<string> Algorithms, IReadOnlyList<FederationRule> Rules)
{
    private static readonly Uri s_none = new("https://none.invalid");

    public static FederationSettings Read(SettingsReader reader, string key)
    {
        var issuer = reader.Url(key + ":Issuer");
        var audience = reader.Text(key + ":Audience");
        var rules = reader.Sections(key + ":Rules").Select(rule => new FederationRule(
            reader.Sections(rule + ":Claims").ToDictionary(c => c[(c.LastIndexOf(':') + 1)..], c => reader.Text(c) ?? "", StringComparer.Ordinal),
            reader.List(rule + ":Scopes", "the name of a scope map", static text => text))).ToList();
        if (issuer is null) reader.Problem(key + ":Issuer", "must be set.");
        if (issuer is not null && issuer.Scheme != Uri.UriSchemeHttps && !issuer.IsLoopback) reader.Problem(key + ":Issuer", "must be an https URL.");
        if (issuer is not null && IsManyTenants(issuer)) reader.Problem(key + ":Issuer", "must name one tenant: whoever has an account in any other could sign in.");
        if (audience is null) reader.Problem(key + ":Audience", "must be set.");
        if (rules.Count == 0) reader.Problem(key + ":Rules", "must have at least one rule.");
        foreach (var rule in rules)
        {
            // Without a claim to go by, or with one that fits everything, the whole of the issuer's users would come in.
            if (rule.Claims.Values.All(v => v.Trim('*', '?').Length == 0)) reader.Problem(key + ":Rules", "must each have a claim with a value.");
            if (rule.Scopes.Count == 0) reader.Problem(key + ":Rules", "must each name a scope map.");
        }

        return new FederationSettings(key[(key.LastIndexOf(':') + 1)..], issuer ?? s_none, audience ?? "", TokenTrust.AllAlgorithms, rules);
    }

    private static bool IsManyTenants(Uri issuer) =>
        issuer.Host == "login.microsoftonline.com" && issuer.Segments.ElementAtOrDefault(1)?.TrimEnd('/') is "common" or "organizations" or "consumers";
}
