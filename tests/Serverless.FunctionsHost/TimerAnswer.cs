using System.Text.Json;

namespace Serverless.FunctionsHost;

/// <summary>
/// What a custom handler must answer to an invocation that is not proxied: 200 with an object of Outputs, Logs and ReturnValue. Where the host is lenient or
/// would wait for ever, the invocation fails here.
/// </summary>
internal static class TimerAnswer
{
    private static readonly string[] s_members = ["Logs", "Outputs", "ReturnValue"];

    public static async Task<InvocationResult> ReadAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode) return Fail($"The worker answered {(int)answer.StatusCode}: {body}");
        if (answer.Content.Headers.ContentType?.MediaType != "application/json") return Fail($"The answer's type is {answer.Content.Headers.ContentType}.");
        if (body.Length == 0) return Fail("The answer is empty: the host would wait for ever.");
        try
        {
            using var json = JsonDocument.Parse(body);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.EnumerateObject().Select(m => m.Name).Order(StringComparer.Ordinal).SequenceEqual(s_members)) return Fail($"The answer is not of the documented form: {body}");
            if (root.GetProperty("Outputs").ValueKind != JsonValueKind.Object || root.GetProperty("Outputs").EnumerateObject().Any()) return Fail("A timer has no outputs.");
            return new InvocationResult(null, [.. root.GetProperty("Logs").EnumerateArray().Select(l => l.GetString()!)]);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return Fail($"The answer cannot be read: {e.Message}");
        }
    }

    private static InvocationResult Fail(string why) => new(why, []);
}
