using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost.App;

/// <summary>A function of functions.metadata: either one HTTP trigger with one HTTP output, or one trigger by a timer or a queue.</summary>
/// <param name="Name">The function's name.</param>
/// <param name="Binding">The name of the parameter that the trigger fills.</param>
internal abstract record FunctionMetadata(string Name, string Binding)
{
    private const string File = "functions.metadata";

    private static readonly string[] s_members = ["name", "scriptFile", "entryPoint", "language", "properties", "bindings"];
    private static readonly string[] s_queueMembers = ["name", "direction", "type", "dataType", "queueName", "connection", "properties"];

    /// <param name="Name">The function's name.</param>
    /// <param name="Binding">The name of the parameter that gets the request.</param>
    /// <param name="Route">The template of its route, without the prefix.</param>
    /// <param name="Methods">The methods that it takes, in upper case.</param>
    public sealed record Http(string Name, string Binding, string Route, IReadOnlySet<string> Methods) : FunctionMetadata(Name, Binding);

    /// <param name="Name">The function's name.</param>
    /// <param name="Binding">The name of the parameter that gets the TimerInfo.</param>
    /// <param name="Schedule">An NCRONTAB expression, or an app setting between percent signs.</param>
    public sealed record Timer(string Name, string Binding, string Schedule) : FunctionMetadata(Name, Binding);

    /// <param name="Name">The function's name.</param>
    /// <param name="Binding">The name of the parameter that gets the message.</param>
    /// <param name="QueueName">The queue's name, or an app setting between percent signs.</param>
    /// <param name="Connection">The name of the connection to its storage.</param>
    public sealed record Queue(string Name, string Binding, string QueueName, string Connection) : FunctionMetadata(Name, Binding);

    /// <summary>The functions in the order of their names.</summary>
    public static IReadOnlyList<FunctionMetadata> ReadAll(string appRoot)
    {
        if (Json.Read(Path.Combine(appRoot, File)) is not JsonArray { Count: > 0 } functions) throw new HostRefusesException($"{File} lists no function.");
        FunctionMetadata[] read = [.. functions.Select(Read).OrderBy(f => f.Name, StringComparer.Ordinal)];
        return read.CountBy(f => f.Name, StringComparer.OrdinalIgnoreCase).FirstOrDefault(n => n.Value > 1) is { Key: { } twice } ? throw new HostRefusesException($"{File} has '{twice}' twice.") : read;
    }

    private static FunctionMetadata Read(JsonNode? node)
    {
        if (node is not JsonObject json) throw new HostRefusesException($"{File} must be a list of objects.");
        var name = Text(File, json, "name");
        if (json.Select(m => m.Key).Except(s_members).FirstOrDefault() is { } stranger) throw Refuse(name, $"it has '{stranger}', which this emulation does not know");
        if (Text(name, json, "language") != "dotnet-isolated") throw Refuse(name, "its language is not dotnet-isolated");
        if (json["bindings"] is not JsonArray bindings) throw Refuse(name, "it has no bindings");
        var triggers = bindings.Where(b => Text(name, b, "type").EndsWith("Trigger", StringComparison.Ordinal)).ToArray();
        if (triggers is not [{ } trigger] || !Is(name, trigger, "direction", "in")) throw Refuse(name, "it must have one trigger, of direction in");
        var others = bindings.Where(b => b != trigger).ToArray();
        return Text(name, trigger, "type") switch
        {
            "httpTrigger" => ReadHttp(name, trigger, others),
            "timerTrigger" when others.Length == 0 => new Timer(name, Text(name, trigger, "name"), Text(name, trigger, "schedule")),
            "queueTrigger" when others.Length == 0 => ReadQueue(name, trigger),
            "timerTrigger" or "queueTrigger" => throw Refuse(name, "beside a timer or a queue it has no other binding here"),
            var type => throw Refuse(name, $"this emulation has no trigger of type {type}"),
        };
    }

    private static Http ReadHttp(string name, JsonNode trigger, JsonNode?[] others)
    {
        if (others is not [{ } output] || Text(name, output, "type") != "http" || !Is(name, output, "direction", "out")) throw Refuse(name, "it must have one HTTP output and no other binding");
        // What needs a key could not be called by a client of a registry.
        if (!Is(name, trigger, "authLevel", "anonymous")) throw Refuse(name, "its authLevel is not anonymous");
        if (trigger["methods"] is not JsonArray { Count: > 0 } methods) throw Refuse(name, "its methods must be listed");
        return new Http(name, Text(name, trigger, "name"), Text(name, trigger, "route"), methods.Select(m => m!.GetValue<string>().ToUpperInvariant()).ToHashSet());
    }

    private static Queue ReadQueue(string name, JsonNode trigger)
    {
        if (trigger.AsObject().Select(m => m.Key).Except(s_queueMembers).FirstOrDefault() is { } stranger) throw Refuse(name, $"its trigger has '{stranger}', which this emulation does not know");
        // Other parameters get the message as bytes, or as a reference that the worker resolves.
        if (!Is(name, trigger, "dataType", "string")) throw Refuse(name, "its message is no string");
        if (trigger["properties"] is not (null or JsonObject { Count: 0 })) throw Refuse(name, "its trigger has properties, which this emulation does not know");
        return new Queue(name, Text(name, trigger, "name"), Text(name, trigger, "queueName"), Text(name, trigger, "connection"));
    }

    private static bool Is(string name, JsonNode binding, string member, string value) => string.Equals(Text(name, binding, member), value, StringComparison.OrdinalIgnoreCase);

    private static string Text(string name, JsonNode? binding, string member) =>
        binding?[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Refuse(name, $"it has no {member}");

    private static HostRefusesException Refuse(string name, string why) => new($"The function '{name}' is not run: {why}.");
}
