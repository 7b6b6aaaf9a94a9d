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

    /// <summary>
    /// Reads the headers in the list <c>KEY:Headers</c>, each as it stands in a message, <c>NAME: VALUE</c>: settings of Azure Functions cannot have hyphens in their own names.
    /// </summary>
    public static Dictionary<string, string> Read(SettingsReader reader, string key)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in reader.Sections(key + ":Headers"))
        {
            var parts = (reader.Text(header) ?? "").Split(':', 2, StringSplitOptions.TrimEntries);
            if (FindProblem(parts) is { } problem) reader.Problem(header, problem);
            else headers[parts[0]] = parts[1];
        }

        return headers;
    }

    private static string? FindProblem(string[] parts)
    {
        if (parts is not [var name, { Length: > 0 } value]) return "must be the name of an HTTP header, a colon and its value.";
        if (name.Length == 0 || name.AsSpan().ContainsAnyExcept(s_token)) return "must be named with what the names of HTTP headers are made of: letters, digits and hyphens.";
        if (s_own.Contains(name) || s_ownPrefixes.Any(p => name.StartsWith(p, StringComparison.OrdinalIgnoreCase))) return "must be left out: the registry sets this header itself.";
        return value.AsSpan().ContainsAnyExceptInRange(' ', '~') ? "must be of printable ASCII characters, as values of HTTP headers are." : null;
    }
}
