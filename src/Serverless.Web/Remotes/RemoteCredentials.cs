using System.Net.Http.Headers;
using System.Text;

namespace Serverless.Web.Remotes;

/// <summary>Who asks another registry. It never shows its secret.</summary>
public sealed class RemoteCredentials
{
    private RemoteCredentials(string? user, AuthenticationHeaderValue header) => (User, Header) = (user, header);

    /// <summary>The user; null for a token.</summary>
    public string? User { get; }

    /// <summary>The header that proves it: Basic for a user, Bearer for a token.</summary>
    internal AuthenticationHeaderValue Header { get; }

    /// <summary>A user and a password, or what the registry takes for one.</summary>
    /// <exception cref="ArgumentException">The user has a colon (RFC 7617, section 2) or is empty.</exception>
    public static RemoteCredentials OfUser(string user, string password)
    {
        if (user.Length == 0 || user.Contains(':', StringComparison.Ordinal)) throw new ArgumentException("A user needs a name without a colon.", nameof(user));
        return new RemoteCredentials(user, new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))));
    }

    /// <summary>A token that the registry itself takes. No token service is asked.</summary>
    /// <exception cref="ArgumentException">No token looks like this.</exception>
    public static RemoteCredentials OfToken(string token) =>
        IsToken(token) ? new RemoteCredentials(null, new AuthenticationHeaderValue("Bearer", token)) : throw new ArgumentException("A token has only printable ASCII characters, and no spaces.", nameof(token));

    /// <summary>Whether a text can be sent as a token.</summary>
    internal static bool IsToken(string? text) => text is { Length: > 0 } && text.All(c => c is > ' ' and < '\x7f');
}
