using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost.App;

/// <summary>Files of the app.</summary>
internal static class Json
{
    public static JsonObject ReadObject(string file) => Read(file) as JsonObject ?? throw new HostRefusesException($"{file} is no JSON object.");

    public static JsonNode? Read(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new HostRefusesException($"{file} cannot be read: {e.Message}");
        }
    }
}
