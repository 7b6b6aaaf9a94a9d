using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost;

/// <summary>A function.json: either one HTTP trigger with one HTTP output, which is proxied, or one timer trigger.</summary>
internal abstract record FunctionFile(string Name)
{
    /// <param name="Name">The function's name.</param>
    /// <param name="Route">The template of its route, without the prefix.</param>
    /// <param name="Methods">The methods that it takes, in upper case.</param>
    public sealed record Http(string Name, string Route, IReadOnlySet<string> Methods) : FunctionFile(Name);

    /// <param name="Name">The function's name.</param>
    /// <param name="Binding">The name under which it gets its data.</param>
    /// <param name="Schedule">An NCRONTAB expression, or an app setting between percent signs.</param>
    public sealed record Timer(string Name, string Binding, string Schedule) : FunctionFile(Name);

    public static FunctionFile Read(string folder)
    {
        var name = Path.GetFileName(folder);
        var json = Json.ReadObject(Path.Combine(folder, "function.json"));
        if (json["bindings"] is not JsonArray bindings) throw Refuse(name, "it has no bindings");
        if (json["disabled"] is not null || json["scriptFile"] is not null || json["retry"] is not null) throw Refuse(name, "it has members that this emulation does not know");
        var triggers = bindings.Where(b => Text(name, b, "type").EndsWith("Trigger", StringComparison.Ordinal)).ToArray();
        if (triggers is not [{ } trigger] || Text(name, trigger, "direction") != "in") throw Refuse(name, "it must have one trigger, of direction in");
        var others = bindings.Where(b => b != trigger).ToArray();
        switch (Text(name, trigger, "type"))
        {
            case "httpTrigger":
                if (others is not [{ } output] || Text(name, output, "type") != "http" || Text(name, output, "direction") != "out")
                {
                    throw Refuse(name, "only a function with one HTTP output and no other binding is proxied");
                }

                // What needs a key could not be called by a client of a registry.
                if (Text(name, trigger, "authLevel") != "anonymous") throw Refuse(name, "its authLevel is not anonymous");
                if (trigger["methods"] is not JsonArray { Count: > 0 } methods) throw Refuse(name, "its methods must be listed");
                return new Http(name, Text(name, trigger, "route"), methods.Select(m => m!.GetValue<string>().ToUpperInvariant()).ToHashSet());
            case "timerTrigger":
                if (others.Length > 0) throw Refuse(name, "a timer has no other binding here");
                return new Timer(name, Text(name, trigger, "name"), Text(name, trigger, "schedule"));
            case var type:
                throw Refuse(name, $"a trigger of type {type} needs an extension");
        }
    }

    private static string Text(string name, JsonNode? binding, string member) =>
        binding?[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw Refuse(name, $"a binding has no {member}");

    private static HostRefusesException Refuse(string name, string why) => new($"The function '{name}' is not run: {why}.");
}
