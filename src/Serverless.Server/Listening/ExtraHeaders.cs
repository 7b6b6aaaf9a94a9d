using System.Buffers;
using Serverless.Web.Settings;

namespace Serverless.Server.Listening;

/// <summary>Headers that the operator wants on every answer, for instance <c>Strict-Transport-Security</c>.</summary>
internal static class ExtraHeaders
{
    // RFC 9110, section 5.6.2.
    private static readonly SearchValues<char> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    // They say where an answer ends, or are about the connection: whoever sets them breaks it.
    private static readonly HashSet<string> s_server = new(
        ["Connection", "Content-Length", "Date", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade"], StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads one; null when it is not set, or bad, which is noted.</summary>
    public static KeyValuePair<string, string>? Read(SettingsReader reader, string key)
    {
        if (reader.Text(key) is not { } value) return null;
        var name = key[(key.LastIndexOf(':') + 1)..];
        if (name.AsSpan().ContainsAnyExcept(s_token)) reader.Problem(key, "has a name that is no header's.");
        else if (s_server.Contains(name)) reader.Problem(key, "cannot be set, because the server decides on this header.");
        else if (value.AsSpan().ContainsAnyExceptInRange(' ', '~')) reader.Problem(key, "must be printable ASCII.");
        else return new(name, value);
        return null;
    }

    /// <summary>Adds them to every answer that has none of that name by then.</summary>
    public static void Use(WebApplication app, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        if (headers.Count == 0) return;
        app.Use((http, next) =>
        {
            http.Response.OnStarting(
                _ =>
                {
                    foreach (var (name, value) in headers) http.Response.Headers.TryAdd(name, value);
                    return Task.CompletedTask;
                },
                http);
            return next(http);
        });
    }
}
