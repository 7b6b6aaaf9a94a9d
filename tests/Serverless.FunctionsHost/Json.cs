using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost;

/// <summary>Files of the app.</summary>
internal static class Json
{
    public static JsonObject ReadObject(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file)) as JsonObject ?? throw new HostRefusesException($"{file} is no JSON object.");
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new HostRefusesException($"{file} cannot be read: {e.Message}");
        }
    }
}
