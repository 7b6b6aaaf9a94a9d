using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Queues.Models;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Workers;

namespace Serverless.FunctionsHost.Queues;

/// <summary>What a message says, and what the function is told of it.</summary>
internal static class MessageText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Whether a message is encoded as the host expects it.</summary>
    public static bool TryDecode(QueueMessage message, bool isBase64, [NotNullWhen(true)] out byte[]? body)
    {
        try
        {
            body = isBase64 ? Convert.FromBase64String(message.MessageText) : s_strict.GetBytes(message.MessageText);
            return true;
        }
        catch (FormatException)
        {
            body = null;
            return false;
        }
    }

    /// <summary>The text of a body; null if it is not UTF-8.</summary>
    public static string? Read(byte[] body)
    {
        try
        {
            return s_strict.GetString(body);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    /// <summary>The invocation's data: the text, and the message's properties beside it.</summary>
    public static InvocationData Describe(FunctionMetadata.Queue function, QueueMessage message, string text)
    {
        // Case makes no difference, so that what is in the text may take the place of a property.
        var metadata = new Dictionary<string, JsonObject>(StringComparer.OrdinalIgnoreCase)
        {
            ["QueueTrigger"] = InvocationData.OfString(text),
            ["DequeueCount"] = Json(message.DequeueCount),
            ["ExpirationTime"] = Json(message.ExpiresOn),
            ["Id"] = InvocationData.OfString(message.MessageId),
            ["InsertionTime"] = Json(message.InsertedOn),
            ["NextVisibleTime"] = Json(message.NextVisibleOn),
            ["PopReceipt"] = InvocationData.OfString(message.PopReceipt),
        };
        foreach (var (name, value) in Members(text)) metadata[name] = value;
        return new InvocationData(function.Binding, InvocationData.OfString(text), metadata);
    }

    private static JsonObject Json<T>(T value) => InvocationData.OfJson(JsonSerializer.Serialize(value));

    // Where the text is a JSON object, the host adds its members, for bindings that refer to them: an "id" in it hides the message's own (ApplyBindingData of the host's Utility.cs).
    private static IEnumerable<KeyValuePair<string, JsonObject>> Members(string text)
    {
        JsonObject? json = null;
        try
        {
            json = JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            // Then it has none.
        }

        foreach (var (name, value) in json ?? [])
        {
            if (value is JsonObject inner) yield return KeyValuePair.Create(name, InvocationData.OfJson(inner.ToJsonString()));
            else if (value is JsonValue scalar) yield return KeyValuePair.Create(name, InvocationData.OfString(scalar.ToString()));
        }
    }
}
