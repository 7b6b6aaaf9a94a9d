using System.Security.Cryptography;
using System.Text;

namespace Serverless.Web.Settings;

/// <summary>The settings of one federated issuer.</summary>
/// <param name="Name">What it is called here.</param>
/// <param name="Issuer">Its address, exactly as its tokens have it.</param>
/// <param name="Audience">The audience that its tokens must be for: one that is ours alone.</param>
/// <param name="Algorithms">The signature algorithms that are accepted.</param>
/// <param name="Rules">Whom to let in.</param>
public sealed record FederationSettings(string Name, Uri Issuer, string Audience, IReadOnlyList<string> Algorithms, IReadOnlyList<FederationRule> Rules)
{
    private static readonly Uri s_none = new("https://none.invalid");

    /// <summary>Reads the settings of one issuer.</summary>
    /// <param name="reader">Where they are read from; bad values become its problems.</param>
    /// <param name="key">The key below which they are, <c>Auth:Federation:NAME</c>.</param>
    /// <param name="outbound">Where the registry may fetch the issuer's keys from.</param>
    public static FederationSettings Read(SettingsReader reader, string key, OutboundSettings outbound)
    {
        var issuer = reader.Url(key + ":Issuer");
        var audience = reader.Text(key + ":Audience");
        if (issuer is null) reader.Problem(key + ":Issuer", "must be set.");
        if (issuer is not null && outbound.FindProblem(issuer) is { } problem) reader.Problem(key + ":Issuer", problem);
        if (issuer is not null && IsManyTenants(issuer)) reader.Problem(key + ":Issuer", "must name one tenant: whoever has an account in any other could sign in.");
        if (audience is null) reader.Problem(key + ":Audience", "must be set.");
        var rules = reader.Sections(key + ":Rules").Select(rule => ReadRule(reader, rule, issuer ?? s_none)).ToList();
        if (rules.Count == 0) reader.Problem(key + ":Rules", "must have at least one rule.");
        return new FederationSettings(key[(key.LastIndexOf(':') + 1)..], issuer ?? s_none, audience ?? "", TokenSettings.AllAlgorithms, rules);
    }

    /// <summary>
    /// Tells one rule of one issuer from all others, today and after a restart: the same as long as the issuer, its audience, what the rule demands and what it gives are.
    /// </summary>
    /// <returns>128 bits as hexadecimal digits.</returns>
    public string Fingerprint(FederationRule rule)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes, Encoding.UTF8);
        // Each text is written with its length, each list with its count, so that no two rules are written alike.
        Write([Name, Issuer.OriginalString, Audience]);
        Write([.. rule.Claims.OrderBy(c => c.Key, StringComparer.Ordinal).SelectMany(c => (string[])[c.Key, c.Value])]);
        Write([.. rule.Scopes.Distinct().Order(StringComparer.Ordinal)]);
        writer.Flush();
        return Convert.ToHexStringLower(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length))[..16]);

        void Write(IReadOnlyCollection<string> texts)
        {
            writer.Write(texts.Count);
            foreach (var text in texts) writer.Write(text);
        }
    }

    private static FederationRule ReadRule(SettingsReader reader, string key, Uri issuer)
    {
        var rule = new FederationRule(
            reader.Sections(key + ":Claims").ToDictionary(c => c[(c.LastIndexOf(':') + 1)..], c => reader.Text(c) ?? "", StringComparer.Ordinal),
            reader.List(key + ":Scopes", "the name of a scope map", static text => text));
        if (FederationRestriction.FindProblem(issuer, rule.Claims) is { } problem) reader.Problem(key + ":Claims", problem);
        if (rule.Scopes.Count == 0) reader.Problem(key + ":Scopes", "must name a scope map.");
        return rule;
    }

    private static bool IsManyTenants(Uri issuer) =>
        issuer.Host == "login.microsoftonline.com" && issuer.Segments.ElementAtOrDefault(1)?.TrimEnd('/') is "common" or "organizations" or "consumers";
}
