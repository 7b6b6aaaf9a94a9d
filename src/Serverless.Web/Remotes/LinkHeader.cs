using System.Text.RegularExpressions;

namespace Serverless.Web.Remotes;

/// <summary>Links in headers (RFC 8288, section 3).</summary>
internal static partial class LinkHeader
{
    /// <summary>Where the link of relation <c>next</c> leads to, as it is written; null when there is none.</summary>
    public static string? FindNext(IEnumerable<string> headers) =>
        headers.SelectMany(h => Link().Matches(h)).FirstOrDefault(m => Relations(m).Contains("next", StringComparer.OrdinalIgnoreCase))?.Groups["target"].Value.Trim();

    // Every name has a value, which may be empty, so the captures of both go together. The first of several relations counts.
    private static string[] Relations(Match link)
    {
        var at = link.Groups["name"].Captures.ToList().FindIndex(c => c.Value.Equals("rel", StringComparison.OrdinalIgnoreCase));
        return at < 0 ? [] : link.Groups["value"].Captures[at].Value.Trim(' ', '\t', '=', '"').Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    // <target> and parameters, each a name and maybe a value that may be quoted. A target may have commas, and so may what is quoted.
    [GeneratedRegex("""<(?<target>[^<>]*)>(\s*;\s*(?<name>[^\s;,="]+)(?<value>(\s*=\s*("[^"]*"|[^\s;,"]*))?))*""", RegexOptions.CultureInvariant)]
    private static partial Regex Link();
}
