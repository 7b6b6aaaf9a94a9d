using System.Text;
using Serverless.Registry.Access;
using Serverless.Web.Auth.Passwords;

namespace Serverless.Cli.Accounts;

/// <summary>A line of an htpasswd file: a name and its bcrypt hash, or why it cannot be used. The reason never repeats what may be a secret.</summary>
/// <param name="Number">The line's number, from 1.</param>
/// <param name="Name">The name, where it can be an account's.</param>
/// <param name="Hash">The hash; null when there is a problem.</param>
/// <param name="Problem">Why the line cannot be used; null when it can.</param>
internal sealed record HtpasswdLine(int Number, AccountName Name, string? Hash, string? Problem)
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
        if (!AccountName.TryParse(text[..colon], null, out var name)) return new HtpasswdLine(number, default, null, NameProblem(text[..colon]));
        var hash = text[(colon + 1)..];
        // One that only looks like it would fail each time that somebody signs in.
        return PasswordHashes.IsBcrypt(hash)
            ? new HtpasswdLine(number, name, hash, null)
            : new HtpasswdLine(number, name, null, $"'{name}' has no bcrypt hash of a cost from 4 to 17 (htpasswd -B makes them)");
    }

    // Names with other characters go on working with Auth:Mode=basic, which reads the file itself.
    private static string NameProblem(string name)
    {
        const string Rule = "an account's name has letters from a to z and A to Z, digits and . _ @ + -";
        if (name.Length == 0) return "there is no name before the colon";
        var (at, other) = name.EnumerateRunes().Select((rune, i) => (At: i + 1, Rune: rune)).FirstOrDefault(c => !IsOfNames(c.Rune));
        if (other == Rune.ReplacementChar) return $"the name is not in UTF-8 at character {at}; {Rule}";
        if (at > 0) return $"the name has {Describe(other)} as character {at}; {Rule}";
        return char.IsAsciiLetterOrDigit(name[0]) ? "the name is longer than 128 characters" : $"the name begins with '{name[0]}'; an account's name begins with a letter or digit";
    }

    private static bool IsOfNames(Rune rune) => rune.IsAscii && (char.IsAsciiLetterOrDigit((char)rune.Value) || "._@+-".Contains((char)rune.Value, StringComparison.Ordinal));

    private static string Describe(Rune rune) =>
        Rune.IsLetterOrDigit(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune) ? $"'{rune}'" : rune.Value == ' ' ? "a space" : $"U+{rune.Value:X4}";
}
