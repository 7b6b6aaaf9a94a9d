using System.Collections.Concurrent;
using Azure;
using Azure.Storage.Queues.Models;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Workers;

namespace Serverless.FunctionsHost.Queues;

/// <summary>
/// Takes the messages of one queue, a batch at a time, and has each handled beside the others:
/// <code>
/// empty, or no such queue -> wait, longer each time
/// messages                -> handle them; look again when no more than newBatchThreshold are being handled
/// </code>
/// The queue is not created: until whoever sends does that, there is nothing to take.
/// </summary>
/// <remarks>QueueListener of Microsoft.Azure.WebJobs.Extensions.Storage.Queues 5.3.10.</remarks>
internal sealed class QueueListener(QueueTrigger trigger, QueueSettings settings, MessageHandler handler, Invoker invoker, ConcurrentQueue<string> problems)
{
    private readonly PollingDelay _delay = new(settings.MaxPollingInterval);
    private readonly List<Task> _handling = [];

    /// <summary>Takes messages until it is told to stop, and ends when all that it took are handled.</summary>
    public async Task RunAsync(TimeProvider timeProvider, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested && !invoker.HasGivenUp)
        {
            var messages = await TakeAsync(stopping);
            if (messages.Length == 0)
            {
                await Task.Delay(_delay.Next(), timeProvider, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }

            _delay.Reset();
            _handling.AddRange(messages.Select(HandleAsync));
            while (_handling.Count > settings.NewBatchThreshold) _handling.Remove(await Task.WhenAny(_handling));
        }

        await Task.WhenAll(_handling);
    }

    private async Task<QueueMessage[]> TakeAsync(CancellationToken stopping)
    {
        try
        {
            return await trigger.Queue.ReceiveMessagesAsync(settings.BatchSize, handler.Visibility, stopping);
        }
        catch (OperationCanceledException)
        {
            return [];
        }
        catch (RequestFailedException e) when (e.IsOneOf(QueueErrorCode.QueueNotFound, QueueErrorCode.QueueBeingDeleted) || e.Status >= StatusCodes.Status500InternalServerError)
        {
            return [];
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            // The real host ends and starts again.
            problems.Enqueue($"The queue {trigger.Queue.Name} cannot be read: {e.Message}");
            return [];
        }
    }

    private async Task HandleAsync(QueueMessage message)
    {
        try
        {
            await handler.HandleAsync(message);
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            // The same; the message comes back when its time is over.
            problems.Enqueue($"A message of the queue {trigger.Queue.Name} was handled and could not be settled: {e.Message}");
        }
    }
}
