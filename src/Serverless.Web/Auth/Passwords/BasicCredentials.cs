using System.Net.Http.Headers;
using System.Text;

namespace Serverless.Web.Auth.Passwords;

/// <summary>A name and a password from an Authorization header (RFC 7617).</summary>
internal sealed record BasicCredentials(string Name, string Password)
{
    private const int MaxLength = 32 * 1024;

    /// <summary>The request's credentials. Null when there are none, or empty ones, which some clients send when they have none.</summary>
    /// <param name="request">The request.</param>
    /// <param name="malformed">Whether there is a header of this or another scheme that cannot be read.</param>
    public static BasicCredentials? Find(HttpRequest request, out bool malformed)
    {
        malformed = false;
        var header = request.Headers.Authorization;
        if (header.Count == 0 || string.IsNullOrWhiteSpace(header)) return null;
        malformed = true;
        if (header.Count != 1 || header[0]!.Length > MaxLength || !AuthenticationHeaderValue.TryParse(header, out var value)) return null;
        if (!value.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase) || value.Parameter is null) return null;
        var bytes = new byte[value.Parameter.Length];
        if (!Convert.TryFromBase64String(value.Parameter, bytes, out var length)) return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return null;
        malformed = false;
        return text.Length == 1 ? null : new BasicCredentials(text[..colon], text[(colon + 1)..]);
    }
}
