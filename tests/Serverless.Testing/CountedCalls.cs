using System.Text.Json;

namespace Serverless.Testing;

/// <summary>What operations cost in calls to storage, as docs and the calculator of costs have it: tables first, objects second.</summary>
public static class CountedCalls
{
    private static readonly Dictionary<string, (int Table, int Object)> s_calls = Read();

    /// <summary>The calls of an operation.</summary>
    /// <exception cref="KeyNotFoundException">It has not been counted.</exception>
    public static (int Table, int Object) Of(string operation) => s_calls[operation];

    /// <summary>The calls of an operation and of so many times another.</summary>
    public static (int Table, int Object) Of(string operation, int times, string more) =>
        (s_calls[operation].Table + (times * s_calls[more].Table), s_calls[operation].Object + (times * s_calls[more].Object));

    private static Dictionary<string, (int Table, int Object)> Read()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(SourceTree.Root, "infra", "facts", "calls.json")));
        return json.RootElement.EnumerateObject().Where(o => o.Value.ValueKind == JsonValueKind.Array).ToDictionary(o => o.Name, o => (o.Value[0].GetInt32(), o.Value[1].GetInt32()));
    }
}
