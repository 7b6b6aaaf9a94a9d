using System.Text.RegularExpressions;
using Azure.Storage.Queues;
using Serverless.FunctionsHost.App;

namespace Serverless.FunctionsHost.Queues;

/// <summary>A queue function: its queue, and the queue beside it into which go the messages that it fails at too often.</summary>
/// <param name="Function">The function.</param>
/// <param name="Queue">The queue, whose messages are read as they are.</param>
/// <param name="Poison">The queue of poison messages.</param>
internal sealed partial record QueueTrigger(FunctionMetadata.Queue Function, QueueClient Queue, QueueClient Poison)
{
    private const string PoisonSuffix = "-poison";
    private const int ShortestName = 3;
    private const int LongestName = 63;

    /// <exception cref="HostRefusesException">The queue's name or its connection cannot be used.</exception>
    public static QueueTrigger Create(FunctionMetadata.Queue function, AppSettings settings)
    {
        var name = settings.Resolve(function.QueueName, function.Name);
        CheckName(name, function.Name);
        try
        {
            // Encoding is the listener's matter: what cannot be decoded goes to the poison messages as it is.
            var service = new QueueServiceClient(StorageConnections.Find(settings, function.Connection, function.Name), new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
            return new QueueTrigger(function, service.GetQueueClient(name), service.GetQueueClient(name + PoisonSuffix));
        }
        catch (Exception e) when (e is FormatException or ArgumentException or InvalidOperationException)
        {
            throw Refuse(function.Name, $"the connection string of {function.Connection} cannot be used: {e.Message}");
        }
    }

    private static void CheckName(string name, string function)
    {
        if (name.Length is < ShortestName or > LongestName || !NamePattern.IsMatch(name))
        {
            // The host would turn upper case into lower, and whoever sends to the queue would not.
            throw Refuse(function, $"'{name}' is no name of a queue, which has {ShortestName} to {LongestName} lower-case letters and digits, with single hyphens between them");
        }

        // The host would leave failed messages out of sight for ten minutes, again and again.
        if (name.EndsWith(PoisonSuffix, StringComparison.Ordinal) || name.Length + PoisonSuffix.Length > LongestName)
        {
            throw Refuse(function, $"the queue '{name}' can have no queue of poison messages: '{name}{PoisonSuffix}' must be a name of a queue, and '{name}' must not end so itself");
        }
    }

    // https://learn.microsoft.com/rest/api/storageservices/naming-queues-and-metadata, read in 2026.
    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex NamePattern { get; }

    private static HostRefusesException Refuse(string function, string why) => new($"The function '{function}' is not run: {why}.");
}
