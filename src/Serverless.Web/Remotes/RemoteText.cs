using System.Globalization;
using System.Net.Http.Headers;
using System.Text;

namespace Serverless.Web.Remotes;

/// <summary>Text of other servers, for messages of ours.</summary>
internal static class RemoteText
{
    private const int MaxLength = 300;

    /// <summary>One line of bounded length without control characters, and without what the server was sent to prove who asks, which it may have repeated.</summary>
    public static string Clean(string text, AuthenticationHeaderValue? sent)
    {
        foreach (var secret in Secrets(sent)) text = text.Replace(secret, "***", StringComparison.Ordinal);
        // Format characters turn the direction of what follows; halves of surrogate pairs cannot be written.
        var line = string.Concat(text.Select(c => char.IsControl(c) || char.IsWhiteSpace(c) ? ' ' : c)
            .Where(c => !char.IsSurrogate(c) && char.GetUnicodeCategory(c) != UnicodeCategory.Format)).Trim();
        return line.Length > MaxLength ? line[..MaxLength] + "..." : line;
    }

    private static IEnumerable<string> Secrets(AuthenticationHeaderValue? sent)
    {
        if (sent?.Parameter is not { Length: > 0 } parameter) yield break;
        yield return parameter;
        if (sent.Scheme != "Basic") yield break;
        var password = Encoding.UTF8.GetString(Convert.FromBase64String(parameter)).Split(':', 2)[1];
        if (password.Length > 0) yield return password;
    }
}
