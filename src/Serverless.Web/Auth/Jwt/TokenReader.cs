using System.Buffers.Text;
using System.Text.Json;

namespace Serverless.Web.Auth.Jwt;

/// <summary>
/// Takes a token apart before anything else looks at it: a signed token in three parts (RFC 7515, "JWS Compact Serialization"), of at most 16 KiB, with
/// strict JSON. An encrypted token, which could unpack to any size, is none.
/// </summary>
internal static class TokenReader
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxLength = 16 * 1024;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };

    /// <summary>Whether a text has the form of a token; a password has not.</summary>
    public static bool IsToken(string text) => text.Length <= MaxLength && text.StartsWith("ey", StringComparison.Ordinal) && text.Count(c => c == '.') == 2;

    /// <summary>Header and payload; null when it is no token.</summary>
    public static (JsonElement Header, JsonElement Payload)? Find(string token)
    {
        if (!IsToken(token)) return null;
        var parts = token.Split('.');
        return parts[2].Length > 0 && FindObject(parts[0]) is { } header && FindObject(parts[1]) is { } payload ? (header, payload) : null;
    }

    private static JsonElement? FindObject(string part)
    {
        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        if (!Base64Url.IsValid(part) || !Base64Url.TryDecodeFromChars(part, bytes, out var length)) return null;
        try
        {
            using var document = JsonDocument.Parse(bytes.AsMemory(0, length), s_strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
