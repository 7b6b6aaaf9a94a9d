using System.Text.Json.Nodes;
using Serverless.FunctionsHost.App;

namespace Serverless.FunctionsHost.Workers;

/// <summary>What a trigger brings to its function.</summary>
/// <param name="Binding">The name of the trigger's parameter.</param>
/// <param name="Value">The parameter's value, as a TypedData message.</param>
/// <param name="Metadata">What else is known of the trigger, by name, as TypedData messages.</param>
internal sealed record InvocationData(string Binding, JsonObject Value, IReadOnlyDictionary<string, JsonObject> Metadata)
{
    /// <summary>The worker takes the request itself over HTTP; all that it has from here are the values of the route.</summary>
    public static InvocationData OfRequest(FunctionMetadata.Http function, RouteValueDictionary values)
    {
        var strings = values.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => v.Value!.ToString()!);
        var parameters = strings.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)new JsonObject { ["value"] = s.Value }));
        return new InvocationData(
            function.Binding, new JsonObject { ["http"] = new JsonObject { ["nullableParams"] = new JsonObject(parameters) } }, strings.ToDictionary(s => s.Key, s => OfString(s.Value)));
    }

    /// <param name="function">The timer.</param>
    /// <param name="info">The TimerInfo.</param>
    public static InvocationData OfTimer(FunctionMetadata.Timer function, JsonObject info) =>
        new(function.Binding, OfJson(info.ToJsonString()), new Dictionary<string, JsonObject>());

    /// <summary>A TypedData message of text.</summary>
    public static JsonObject OfString(string value) => new() { ["string"] = value };

    /// <summary>A TypedData message of JSON, which is what the host makes of whatever is neither text nor bytes.</summary>
    public static JsonObject OfJson(string json) => new() { ["json"] = json };

    /// <summary>The part of an InvocationRequest that holds it.</summary>
    public JsonObject Describe() => new()
    {
        ["inputData"] = new JsonArray(new JsonObject { ["name"] = Binding, ["data"] = Value }),
        ["triggerMetadata"] = new JsonObject(Metadata.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)m.Value))),
    };
}
