using System.Globalization;
using System.Text.Json;

namespace Serverless.Registry.Oci;

/// <summary>Says what is wrong with JSON that could not be read.</summary>
internal static class JsonProblem
{
    /// <summary>What is wrong first.</summary>
    /// <param name="json">The text, which is UTF-8.</param>
    /// <param name="maxDepth">How deep it may go.</param>
    public static string Describe(ReadOnlySpan<byte> json, int maxDepth)
    {
        // The names of the objects that are open; of lists nothing.
        var names = new Stack<HashSet<string>?>();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = maxDepth + 1 });
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject or JsonTokenType.StartArray when names.Count == maxDepth:
                        return string.Create(CultureInfo.InvariantCulture, $"it is nested deeper than {maxDepth} levels");
                    case JsonTokenType.StartObject:
                        names.Push(new HashSet<string>(StringComparer.Ordinal));
                        break;
                    case JsonTokenType.StartArray:
                        names.Push(null);
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        names.Pop();
                        break;
                    case JsonTokenType.PropertyName when reader.GetString() is var name && !names.Peek()!.Add(name!):
                        return $"the name '{name}' comes twice in one object";
                }
            }

            return "it cannot be read";
        }
        catch (JsonException e)
        {
            return string.Create(CultureInfo.InvariantCulture, $"it is not valid JSON at byte {e.BytePositionInLine} of line {e.LineNumber + 1}");
        }
        catch (InvalidOperationException)
        {
            return "it holds an escape that is no character";
        }
    }
}
