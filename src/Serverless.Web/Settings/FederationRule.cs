using System.IO.Enumeration;
using System.Text.Json;

namespace Serverless.Web.Settings;

/// <summary>Whom of an issuer to let in, and as what.</summary>
/// <param name="Claims">
/// What the token must say, all of it: claims and their values, with <c>*</c> and <c>?</c>. Of a claim with several values, such as groups, one must fit.
/// </param>
/// <param name="Scopes">The scope maps that are given.</param>
public sealed record FederationRule(IReadOnlyDictionary<string, string> Claims, IReadOnlyList<string> Scopes)
{
    /// <summary>Whether a token, whose claims these are, says all that the rule demands.</summary>
    public bool Matches(JsonElement token) => Claims.All(claim => token.TryGetProperty(claim.Key, out var value) && Fits(claim.Value, value));

    private static bool Fits(string pattern, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray().Any(v => v.ValueKind != JsonValueKind.Array && Fits(pattern, v)),
        JsonValueKind.String => FileSystemName.MatchesSimpleExpression(pattern, value.GetString(), ignoreCase: false),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText() == pattern,
        _ => false,
    };
}
