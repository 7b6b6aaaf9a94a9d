using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Serverless.FunctionsHost.Queues;

/// <summary>The right to one message that was taken. It lapses with the message's time out of sight, and then the message is somebody else's.</summary>
internal sealed class MessageReceipt(QueueClient queue, QueueMessage message, TimeSpan visibility)
{
    private string _popReceipt = message.PopReceipt;

    /// <summary>Keeps the message out of sight, again at each half of its time, until that is over.</summary>
    public async Task RenewAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            // By the clock of storage, which nobody moves by hand.
            await Task.Delay(visibility / 2, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // What has begun is not broken off: the message would be left with a receipt that nobody knows.
            if (!over.IsCancellationRequested && !await UpdateAsync(visibility)) return;
        }
    }

    /// <summary>Lets the message be taken again after that time.</summary>
    public Task ReleaseAsync(TimeSpan after) => UpdateAsync(after);

    /// <summary>Deletes the message, if it is not somebody else's by now.</summary>
    public async Task DeleteAsync()
    {
        try
        {
            await queue.DeleteMessageAsync(message.MessageId, _popReceipt);
        }
        catch (RequestFailedException e) when (IsLost(e))
        {
            // Whoever has it now will see to it.
        }
    }

    private async Task<bool> UpdateAsync(TimeSpan after)
    {
        try
        {
            UpdateReceipt updated = await queue.UpdateMessageAsync(message.MessageId, _popReceipt, visibilityTimeout: after);
            _popReceipt = updated.PopReceipt;
            return true;
        }
        catch (RequestFailedException e) when (IsLost(e))
        {
            return false;
        }
    }

    private static bool IsLost(RequestFailedException e) =>
        e.IsOneOf(QueueErrorCode.PopReceiptMismatch, QueueErrorCode.MessageNotFound, QueueErrorCode.QueueNotFound, QueueErrorCode.QueueBeingDeleted);
}
