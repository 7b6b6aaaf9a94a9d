using System.Text.RegularExpressions;

namespace Serverless.Web.Settings;

/// <summary>
/// Whether a rule lets in somebody in particular. A rule that does not restrict looks like any other and lets in all accounts of its issuer, which are those of
/// everybody where the issuer serves everybody.
/// </summary>
internal static partial class FederationRestriction
{
    // Every token of an issuer that is for us has these, or could: they tell from when, until when and for whom it is, not whose it is.
    private static readonly string[] s_common = ["iss", "aud", "exp", "nbf", "iat", "jti"];

    // An issuer of Entra is one tenant, and these say so once more.
    private static readonly string[] s_entraCommon = ["tid", "ver"];

    /// <summary>What is wrong with the claims of a rule; null when they restrict.</summary>
    /// <param name="issuer">Whose tokens they are of.</param>
    /// <param name="claims">The claims that the rule demands, and their values.</param>
    public static string? FindProblem(Uri issuer, IReadOnlyDictionary<string, string> claims)
    {
        var common = issuer.Host is "login.microsoftonline.com" or "sts.windows.net" ? (string[])[.. s_common, .. s_entraCommon] : s_common;
        if (!claims.Any(c => !common.Contains(c.Key, StringComparer.OrdinalIgnoreCase) && c.Value.Trim('*', '?').Length > 0))
        {
            return $"lets in every account of {issuer.OriginalString}: name a claim that says whose a token is, such as sub, with a value. "
                + $"{string.Join(", ", common)} and claims with nothing but wildcards do not count.";
        }

        if (IsGitHub(issuer) && !claims.Any(c => NamesOwnerOnGitHub(c.Key, c.Value)))
        {
            return "lets in repositories of any owner on GitHub: name repository_id, repository_owner_id, repository_owner or repository (as octo/app or octo/*), or sub (as repo:octo/*), "
                + "without wildcards in the id or the owner.";
        }

        return IsGitLab(issuer) && !claims.Any(c => NamesOwnerOnGitLab(c.Key, c.Value))
            ? "lets in projects of any owner on GitLab: name project_id, namespace_id, project_path or namespace_path (as group/*), or sub (as project_path:group/*), "
                + "without wildcards in the id or the group."
            : null;
    }

    // github.com, with or without the slug of an enterprise; enterprises with a region of their own (ghe.com); GitHub Enterprise Server, whose path is always this.
    private static bool IsGitHub(Uri issuer) =>
        issuer.Host == "token.actions.githubusercontent.com"
        || (issuer.Host.StartsWith("token.actions.", StringComparison.Ordinal) && issuer.Host.EndsWith(".ghe.com", StringComparison.Ordinal))
        || issuer.AbsolutePath.TrimEnd('/').Equals("/_services/token", StringComparison.OrdinalIgnoreCase);

    // Only the one that everybody shares: what else runs GitLab cannot be told by its address.
    private static bool IsGitLab(Uri issuer) => issuer.Host == "gitlab.com";

    // A wildcard within a name or a number fits those of strangers: octo* is octopus too, and anybody can take such a name.
    private static bool NamesOwnerOnGitHub(string claim, string value) => claim switch
    {
        "repository_id" or "repository_owner_id" or "repository_owner" => IsFixed(value),
        "repository" => OwnerGrammar().IsMatch(value),
        "sub" => GitHubSubjectGrammar().IsMatch(value),
        _ => false,
    };

    private static bool NamesOwnerOnGitLab(string claim, string value) => claim switch
    {
        "project_id" or "namespace_id" => IsFixed(value),
        "namespace_path" => IsFixed(value) || OwnerGrammar().IsMatch(value),
        "project_path" => OwnerGrammar().IsMatch(value),
        "sub" => GitLabSubjectGrammar().IsMatch(value),
        _ => false,
    };

    private static bool IsFixed(string value) => value.Length > 0 && value.IndexOfAny(['*', '?']) < 0;

    [GeneratedRegex(@"\A[^*?/:]+/", RegexOptions.CultureInvariant)]
    private static partial Regex OwnerGrammar();

    // As it is unless an organization says otherwise, and with the claims that an organization may put first instead (GitHub: "Customizing the token claims").
    [GeneratedRegex(@"\A((repo|repository):[^*?/:]+/|(repository_owner|repository_id|repository_owner_id):[^*?:]+(:|\z))", RegexOptions.CultureInvariant)]
    private static partial Regex GitHubSubjectGrammar();

    [GeneratedRegex(@"\Aproject_path:[^*?/:]+/", RegexOptions.CultureInvariant)]
    private static partial Regex GitLabSubjectGrammar();
}
