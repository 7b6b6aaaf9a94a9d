using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Serverless.Web.Auth.Jwt;

/// <summary>
/// Takes a token apart before anything else looks at it: a signed token in three parts (RFC 7515, "JWS Compact Serialization"), of at most 16 KiB, with
/// strict JSON. An encrypted token, which could unpack to any size, is none.
/// </summary>
internal static class TokenReader
{
    /// <summary>The longest token, in characters.</summary>
    public const int MaxLength = 16 * 1024;

    // The last second of the year 9999, the last that the library can tell.
    private const double MaxNumericDate = 253_402_300_799;

    private static readonly SearchValues<char> s_base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly string[] s_times = ["exp", "nbf", "iat"];

    /// <summary>Whether a text has the form of a token; a password has not.</summary>
    public static bool IsToken(string text) => text.Length <= MaxLength && text.StartsWith("ey", StringComparison.Ordinal) && text.Count(c => c == '.') == 2;

    /// <summary>Header and payload; null when it is no token. Every name and every text in them can be read, and times are numbers.</summary>
    public static (JsonElement Header, JsonElement Payload)? Find(string token)
    {
        if (!IsToken(token)) return null;
        var parts = token.Split('.');
        return FindBytes(parts[2]) is { Length: > 0 } && FindObject(parts[0]) is { } header && FindObject(parts[1]) is { } payload && HasTimes(payload) ? (header, payload) : null;
    }

    private static JsonElement? FindObject(string part)
    {
        if (FindBytes(part) is not { } bytes || !IsText(bytes)) return null;
        try
        {
            using var document = JsonDocument.Parse(bytes, s_strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // RFC 7515 section 2: without padding, line breaks or anything else that the framework's decoder would pass over.
    private static byte[]? FindBytes(string part)
    {
        if (part.AsSpan().ContainsAnyExcept(s_base64Url)) return null;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(part.Length)];
        return Base64Url.DecodeFromChars(part, bytes, out _, out var length) == OperationStatus.Done ? bytes[..length] : null;
    }

    // The framework's documents hold what is no text, such as half of a surrogate pair, and throw only when somebody asks for it, or compares it with another name.
    private static bool IsText(byte[] json)
    {
        if (!Utf8.IsValid(json)) return false;
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = s_strict.MaxDepth });
            while (reader.Read())
            {
                if (reader is { TokenType: JsonTokenType.String or JsonTokenType.PropertyName, ValueIsEscaped: true }) reader.GetString();
            }

            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    // RFC 7519 section 2: a NumericDate is a JSON number. Libraries read other kinds too, each as it likes.
    private static bool HasTimes(JsonElement payload) => s_times.All(name => !payload.TryGetProperty(name, out var time)
        || (time.ValueKind == JsonValueKind.Number && time.TryGetDouble(out var seconds) && seconds is >= 0 and <= MaxNumericDate));
}
