using Azure.Storage.Queues;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage;

/// <summary>A queue of an account, for those who send.</summary>
public sealed class MessageQueue
{
    // Storage keeps no message out of sight for longer.
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1);

    private readonly QueueClient _queue;
    private readonly CallLimits _limits;

    internal MessageQueue(QueueClient queue, CallLimits limits) => (_queue, _limits) = (queue, limits);

    /// <summary>Sends a message. The queue is made when it is first missed. One whose answer is lost may be there twice.</summary>
    /// <param name="text">The message, as it is.</param>
    /// <param name="delay">How long nobody sees it; at most a week.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StorageUnavailableException">Storage did not take it.</exception>
    public async Task SendAsync(string text, TimeSpan delay, CancellationToken cancellationToken)
    {
        var visibility = delay <= TimeSpan.Zero ? default(TimeSpan?) : delay < s_longest ? delay : s_longest;
        if (await TrySendAsync(text, visibility, cancellationToken)) return;
        await StorageFailure.GuardAsync(token => _queue.CreateIfNotExistsAsync(null, token), _limits.Call, cancellationToken);
        if (!await TrySendAsync(text, visibility, cancellationToken)) throw new StorageUnavailableException("The queue that was made a moment ago is not there.");
    }

    /// <returns>False when there is no queue.</returns>
    private Task<bool> TrySendAsync(string text, TimeSpan? visibility, CancellationToken cancellationToken) => StorageFailure.GuardAsync(
        async token =>
        {
            await _queue.SendMessageAsync(text, visibility, null, token);
            return true;
        },
        static e => (e.Status == 404, false),
        _limits.Call,
        cancellationToken);
}
