using System.Text.RegularExpressions;
using Serverless.Registry.Access;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Cli.Accounts;

/// <summary>A line of an htpasswd file: a name and its bcrypt hash, or why it cannot be used. The reason never repeats what may be a secret.</summary>
/// <param name="Number">The line's number, from 1.</param>
/// <param name="Name">The name, where it can be an account's.</param>
/// <param name="Hash">The hash; null when there is a problem.</param>
/// <param name="Problem">Why the line cannot be used; null when it can.</param>
internal sealed partial record HtpasswdLine(int Number, AccountName Name, string? Hash, string? Problem)
{
    /// <summary>The lines of a file, save empty ones and comments. Of several for one name the last counts, as it does for the registry itself.</summary>
    public static IReadOnlyList<HtpasswdLine> Parse(IEnumerable<string> lines)
    {
        var parsed = lines
            .Select((text, i) => (Text: text.Trim(), Number: i + 1))
            .Where(line => line.Text.Length > 0 && line.Text[0] != '#')
            .Select(line => Parse(line.Text, line.Number))
            .ToList();
        var last = parsed.Where(line => line.Hash is not null).GroupBy(line => line.Name).ToDictionary(group => group.Key, group => group.Last().Number);
        return [.. parsed.Select(line => line.Hash is null || last[line.Name] == line.Number
            ? line
            : line with { Hash = null, Problem = $"'{line.Name}' comes again in line {last[line.Name]}, which counts" })];
    }

    private static HtpasswdLine Parse(string text, int number)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return new HtpasswdLine(number, default, null, "there is no colon between a name and a hash");
        if (!AccountName.TryParse(text[..colon], null, out var name)) return new HtpasswdLine(number, default, null, "the name is none that an account can have");
        var hash = text[(colon + 1)..];
        return PasswordHashes.IsBcrypt(hash) && Grammar().IsMatch(hash)
            ? new HtpasswdLine(number, name, hash, null)
            : new HtpasswdLine(number, name, null, $"'{name}' has no bcrypt hash (htpasswd -B makes them)");
    }

    // One that only looks like it would fail each time that somebody signs in.
    [GeneratedRegex(@"\A\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
