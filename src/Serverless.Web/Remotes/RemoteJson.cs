using System.Text.Json;

namespace Serverless.Web.Remotes;

/// <summary>Reads what other servers send as JSON. Anything may be in it, so nothing throws.</summary>
internal static class RemoteJson
{
    /// <summary>Reads a document; null when it is not JSON.</summary>
    public static JsonDocument? TryParse(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            return JsonDocument.Parse(bytes);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member of an object; null when there is no object or no such member.</summary>
    public static JsonElement? Find(JsonElement? element, string name)
    {
        try
        {
            return element is { ValueKind: JsonValueKind.Object } found && found.TryGetProperty(name, out var value) ? value : null;
        }
        catch (InvalidOperationException)
        {
            // Some other name of the object has an escaped half of a surrogate pair, and cannot be compared.
            return null;
        }
    }

    /// <summary>A text; null when it is none, or has bytes or escapes that are no characters.</summary>
    public static string? Text(JsonElement? element)
    {
        try
        {
            return element is { ValueKind: JsonValueKind.String } found ? found.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
