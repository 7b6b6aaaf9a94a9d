using System.Text.Json.Nodes;
using Serverless.FunctionsHost.App;

namespace Serverless.FunctionsHost.Workers;

/// <summary>What a trigger brings to its function.</summary>
/// <param name="Binding">The name of the trigger's parameter.</param>
/// <param name="Value">The parameter's value, as a TypedData message.</param>
/// <param name="Strings">What other parameters may have.</param>
internal sealed record InvocationData(string Binding, JsonObject Value, IReadOnlyDictionary<string, string> Strings)
{
    /// <summary>The worker takes the request itself over HTTP; all that it has from here are the values of the route.</summary>
    public static InvocationData OfRequest(FunctionMetadata.Http function, RouteValueDictionary values)
    {
        var strings = values.Where(v => v.Value is not null).ToDictionary(v => v.Key, v => v.Value!.ToString()!);
        var parameters = strings.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)new JsonObject { ["value"] = s.Value }));
        return new InvocationData(function.Binding, new JsonObject { ["http"] = new JsonObject { ["nullableParams"] = new JsonObject(parameters) } }, strings);
    }

    /// <param name="function">The timer.</param>
    /// <param name="info">The TimerInfo.</param>
    public static InvocationData OfTimer(FunctionMetadata.Timer function, JsonObject info) =>
        new(function.Binding, new JsonObject { ["json"] = info.ToJsonString() }, new Dictionary<string, string>());

    /// <summary>The part of an InvocationRequest that holds it.</summary>
    public JsonObject Describe() => new()
    {
        ["inputData"] = new JsonArray(new JsonObject { ["name"] = Binding, ["data"] = Value }),
        ["triggerMetadata"] = new JsonObject(Strings.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)new JsonObject { ["string"] = s.Value }))),
    };
}
