using System.Buffers;

namespace Serverless.Web.Settings;

/// <summary>Headers that an operator sends along with every event.</summary>
internal static class EndpointHeaders
{
    // RFC 9110, 5.6.2: a token.
    private static readonly SearchValues<char> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // What belongs to the message or to its way, and is set with every request.
    private static readonly HashSet<string> s_own = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "User-Agent", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect", "Allow", "Expires", "Last-Modified", "Proxy-Authorization", "Proxy-Connection",
    };

    // The message's own headers, those of Standard Webhooks and of CloudEvents.
    private static readonly string[] s_ownPrefixes = ["Content-", "Webhook-", "ce-"];

    /// <summary>Reads the headers below <c>KEY:Headers</c>.</summary>
    public static Dictionary<string, string> Read(SettingsReader reader, string key)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in reader.Sections(key + ":Headers"))
        {
            var name = header[(header.LastIndexOf(':') + 1)..];
            var value = reader.Text(header);
            if (FindProblem(name, value) is { } problem) reader.Problem(header, problem);
            else headers[name] = value!;
        }

        return headers;
    }

    private static string? FindProblem(string name, string? value)
    {
        if (name.AsSpan().ContainsAnyExcept(s_token)) return "must be named with what the names of HTTP headers are made of: letters, digits and hyphens.";
        if (s_own.Contains(name) || s_ownPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase))) return "must be left out: the registry sets this header itself.";
        if (value is null) return "must have one value.";
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "must be of printable ASCII characters, as values of HTTP headers are." : null;
    }
}
