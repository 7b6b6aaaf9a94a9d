using System.Text.RegularExpressions;

namespace Serverless.Web.Remotes;

/// <summary>Links in headers (RFC 8288, section 3).</summary>
internal static partial class LinkHeader
{
    /// <summary>Where the link of relation <c>next</c> leads to, as it is written; null when there is none.</summary>
    public static string? FindNext(IEnumerable<string> headers) =>
        headers.SelectMany(h => Link().Matches(h)).FirstOrDefault(m => Relations(m).Contains("next", StringComparer.OrdinalIgnoreCase))?.Groups["target"].Value.Trim();

    // The first of several counts.
    private static string[] Relations(Match link)
    {
        var relation = Relation().Match(link.Groups["parameters"].Value);
        return relation.Success ? relation.Groups["value"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
    }

    // <target> and parameters, each a name and maybe a value that may be quoted. A target may have commas, and so may what is quoted.
    [GeneratedRegex("""<(?<target>[^>]*)>(?<parameters>(\s*;\s*[^\s;,="]+(\s*=\s*("[^"]*"|[^\s;,"]*))?)*)""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Link();

    [GeneratedRegex(""";\s*[rR][eE][lL]\s*=\s*("(?<value>[^"]*)"|(?<value>[^\s;,"]*))""", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Relation();
}
