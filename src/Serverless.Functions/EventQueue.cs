using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Serverless.AzureStorage;
using Serverless.Registry.Events;
using Serverless.Web.Settings;

namespace Serverless.Functions;

/// <summary>The queue whose messages say where there are events. A message is a place and no event: however many there are of one, or none at all, the outbox says what is to be delivered.</summary>
public sealed partial class EventQueue
{
    /// <summary>The app setting with the queue's name; its name is flat, like that of the schedule.</summary>
    public const string NameSetting = "EventsQueue";

    /// <summary>The app setting with the connection by which the host reads the queue, or what its parts begin with.</summary>
    public const string Connection = "EventsStorage";

    private readonly Lazy<MessageQueue> _queue;

    /// <summary>The queue that the settings name, in the registry's own account. No storage operation.</summary>
    /// <param name="storage">Where the registry keeps what it holds.</param>
    /// <param name="configuration">Where the queue's name is.</param>
    public EventQueue(StorageSettings storage, IConfiguration configuration) =>
        _queue = new Lazy<MessageQueue>(() => AzureStores.OpenQueue(storage.Account!, configuration[NameSetting]!));

    /// <summary>Whether a queue can have this name, and that for messages which fail one that begins like it.</summary>
    public static bool IsName(string? text) => text is not null && NameGrammar().IsMatch(text);

    /// <summary>Sends news of a place.</summary>
    /// <param name="place">Where there are events.</param>
    /// <param name="delay">How long nobody sees the message: until an endpoint may be asked again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Registry.Storage.StorageUnavailableException">Storage did not take it.</exception>
    public Task SendAsync(EventPlace place, TimeSpan delay, CancellationToken cancellationToken) => _queue.Value.SendAsync(place.ToString(), delay, cancellationToken);

    [GeneratedRegex(@"\A(?=.{3,56}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameGrammar();
}
