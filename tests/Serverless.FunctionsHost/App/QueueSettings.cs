using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost.App;

/// <summary>The part <c>extensions.queues</c> of host.json.</summary>
/// <remarks>QueuesOptions of Microsoft.Azure.WebJobs.Extensions.Storage.Queues 5.3.10, and https://learn.microsoft.com/azure/azure-functions/functions-bindings-storage-queue, read in 2026.</remarks>
internal sealed record QueueSettings
{
    private const int LargestBatch = 32;

    private static readonly TimeSpan s_shortestPolling = TimeSpan.FromMilliseconds(100);
    private static readonly string[] s_members = ["messageEncoding", "maxDequeueCount", "visibilityTimeout", "batchSize", "newBatchThreshold", "maxPollingInterval"];

    /// <summary>Whether messages are Base64 in the queue; otherwise they are text.</summary>
    public required bool IsBase64 { get; init; }

    /// <summary>How often a message is tried before it goes to the queue of poison messages.</summary>
    public required int MaxDequeueCount { get; init; }

    /// <summary>How long a message that has failed stays out of sight.</summary>
    public required TimeSpan VisibilityTimeout { get; init; }

    /// <summary>How many messages are taken at once.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The next messages are taken when no more than so many are being worked on.</summary>
    public required int NewBatchThreshold { get; init; }

    /// <summary>The longest wait between two looks at a queue that stays empty.</summary>
    public required TimeSpan MaxPollingInterval { get; init; }

    /// <exception cref="HostRefusesException">It has what the extension does not know, or would fail at.</exception>
    public static QueueSettings Read(JsonNode? node)
    {
        if (node is not (null or JsonObject)) throw Refuse("it must be an object");
        var json = node as JsonObject ?? [];
        // The extension would not look at it.
        if (json.Select(m => m.Key).Except(s_members).FirstOrDefault() is { } stranger) throw Refuse($"'{stranger}' is not one of {string.Join(", ", s_members)}");
        var batchSize = Number(json, "batchSize", 16, 1, LargestBatch);
        return new QueueSettings
        {
            IsBase64 = ReadEncoding(Text(json, "messageEncoding") ?? "base64"),
            MaxDequeueCount = Number(json, "maxDequeueCount", 5, 1, int.MaxValue),
            VisibilityTimeout = Time(json, "visibilityTimeout", TimeSpan.Zero, TimeSpan.Zero),
            BatchSize = batchSize,
            // The host multiplies it by the number of processors on plans with more than one; here the instance has one.
            NewBatchThreshold = Number(json, "newBatchThreshold", batchSize / 2, 0, int.MaxValue),
            MaxPollingInterval = Time(json, "maxPollingInterval", TimeSpan.FromMinutes(1), s_shortestPolling),
        };
    }

    private static bool ReadEncoding(string text) => text.Equals("base64", StringComparison.OrdinalIgnoreCase) ? true
        : text.Equals("none", StringComparison.OrdinalIgnoreCase) ? false
        : throw Refuse($"messageEncoding is '{text}'; it must be base64 or none");

    private static int Number(JsonObject json, string member, int otherwise, int least, int most) => Text(json, member) is not { } text ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw Refuse($"{member} is '{text}'; it must be a whole number from {least} to {most}");

    // Storage keeps a message out of sight for seven days at most.
    private static TimeSpan Time(JsonObject json, string member, TimeSpan otherwise, TimeSpan least) => Text(json, member) is not { } text ? otherwise
        : TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out var time) && time >= least && time <= TimeSpan.FromDays(7) ? time
        : throw Refuse($"{member} is '{text}'; it must be a time such as 00:00:30, from {least:c} to seven days");

    private static string? Text(JsonObject json, string member) => !json.ContainsKey(member) ? null
        : json[member] is not JsonValue value ? throw Refuse($"{member} has no value")
        : value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private static HostRefusesException Refuse(string why) => new($"host.json: extensions.queues cannot be used: {why}.");
}
