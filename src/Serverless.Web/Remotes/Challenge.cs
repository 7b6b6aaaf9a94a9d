using System.Text;

namespace Serverless.Web.Remotes;

/// <summary>What a server that answers 401 wants (RFC 9110, section 11.6.1).</summary>
/// <param name="Scheme">The way to sign in, such as Bearer; in any case.</param>
/// <param name="Parameters">Its parameters, whose names are in any case. Of two of the same name the first one counts.</param>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    /// <summary>A parameter; null when it is not there.</summary>
    public string? Find(string name) => Parameters.GetValueOrDefault(name);

    /// <summary>Whether this is the way to sign in.</summary>
    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// Reads a header, which may hold several challenges. Commas stand between challenges and between their parameters alike; a word is a parameter's name
    /// when an equals sign follows. What makes no sense is skipped, and so are credentials in place of parameters, which other schemes have.
    /// </summary>
    public static IReadOnlyList<Challenge> ParseAll(IEnumerable<string> headers)
    {
        List<Challenge> challenges = [];
        foreach (var header in headers) Parse(header, challenges);
        return challenges;
    }

    private static void Parse(string header, List<Challenge> challenges)
    {
        Dictionary<string, string>? parameters = null;
        for (var at = 0; at < header.Length;)
        {
            var word = ReadWhile(header, ref at, IsWord);
            if (word.Length == 0)
            {
                at++;
                continue;
            }

            var equals = at;
            ReadWhile(header, ref equals, char.IsWhiteSpace);
            if (equals >= header.Length || header[equals] != '=')
            {
                parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                challenges.Add(new Challenge(word, parameters));
                continue;
            }

            at = equals + 1;
            var value = ReadValue(header, ref at);
            parameters?.TryAdd(word, value);
        }
    }

    private static string ReadValue(string header, ref int at)
    {
        ReadWhile(header, ref at, char.IsWhiteSpace);
        // Without quotation marks a URL is no token, and is sent all the same.
        if (at >= header.Length || header[at] != '"') return ReadWhile(header, ref at, c => c != ',' && !char.IsWhiteSpace(c));
        var value = new StringBuilder();
        for (at++; at < header.Length && header[at] != '"'; at++)
        {
            if (header[at] == '\\' && at + 1 < header.Length) at++;
            value.Append(header[at]);
        }

        at++;
        return value.ToString();
    }

    private static string ReadWhile(string text, ref int at, Func<char, bool> isPart)
    {
        var start = at;
        while (at < text.Length && isPart(text[at])) at++;
        return text[start..Math.Min(at, text.Length)];
    }

    private static bool IsWord(char c) => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~/".Contains(c, StringComparison.Ordinal);
}
