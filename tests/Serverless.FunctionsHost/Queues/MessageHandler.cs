using Azure;
using Azure.Storage.Queues.Models;
using Serverless.FunctionsHost.App;
using Serverless.FunctionsHost.Workers;

namespace Serverless.FunctionsHost.Queues;

/// <summary>
/// Handles one message at a time, of any number beside each other:
/// <code>
/// cannot be decoded, or was tried too often before -> poison
/// the function succeeds                            -> deleted
/// fails                                            -> in sight again after visibilityTimeout; poison if that was the last try
/// is cut off, because the host dies                -> nothing; in sight again when its time is over
/// </code>
/// </summary>
/// <param name="trigger">The function and its queues.</param>
/// <param name="settings">How the queue is read.</param>
/// <param name="invoker">Runs the function.</param>
/// <param name="visibility">How long a message is out of sight before it is renewed.</param>
/// <param name="dying">Is cancelled when the host dies.</param>
/// <remarks>QueueProcessor of Microsoft.Azure.WebJobs.Extensions.Storage.Queues 5.3.10.</remarks>
internal sealed class MessageHandler(QueueTrigger trigger, QueueSettings settings, Invoker invoker, TimeSpan visibility, CancellationToken dying)
{
    public TimeSpan Visibility => visibility;

    /// <exception cref="RequestFailedException">Storage refuses what the message needs.</exception>
    public async Task HandleAsync(QueueMessage message)
    {
        var receipt = new MessageReceipt(trigger.Queue, message, visibility);
        // A host that died may have left one that has been tried often enough.
        if (message.DequeueCount > settings.MaxDequeueCount || !MessageText.TryDecode(message, settings.IsBase64, out var body))
        {
            await BanishAsync(message, receipt);
            return;
        }

        if (await InvokeAsync(message, body, receipt) is not { } result) return;
        if (result.Succeeded) await receipt.DeleteAsync();
        else if (message.DequeueCount >= settings.MaxDequeueCount) await BanishAsync(message, receipt);
        else await receipt.ReleaseAsync(settings.VisibilityTimeout);
    }

    // Null: the host dies first.
    private async Task<InvocationResult?> InvokeAsync(QueueMessage message, byte[] body, MessageReceipt receipt)
    {
        if (MessageText.Read(body) is not { } text) return new InvocationResult("The message is not text in UTF-8.", []);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(dying);
        var renewals = receipt.RenewAsync(done.Token);
        try
        {
            return await invoker.InvokeAsync(trigger.Function.Name, MessageText.Describe(trigger.Function, message, text)).WaitAsync(dying);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        finally
        {
            await done.CancelAsync();
            await renewals;
        }
    }

    private async Task BanishAsync(QueueMessage message, MessageReceipt receipt)
    {
        try
        {
            await SendPoisonAsync(message);
        }
        catch (RequestFailedException e) when (e.IsOneOf(QueueErrorCode.QueueNotFound))
        {
            // Unlike the queue itself, this one is the host's to create.
            await trigger.Poison.CreateIfNotExistsAsync();
            await SendPoisonAsync(message);
        }

        await receipt.DeleteAsync();
    }

    private Task<Response<SendReceipt>> SendPoisonAsync(QueueMessage message) => trigger.Poison.SendMessageAsync(message.MessageText);
}
