using Azure;
using Azure.Identity;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage;

/// <summary>Turns what the Azure clients throw into what the ports promise: no Azure exception leaves this project.</summary>
internal static class StorageFailure
{
    /// <summary>Runs a call of an Azure client.</summary>
    /// <param name="call">The call.</param>
    /// <param name="expected">Maps an expected refusal to a result; returns false for what is none.</param>
    /// <param name="limit">The time that the call has, its retries and a wait for a token of the identity included.</param>
    /// <param name="cancellationToken">The caller's; no other end of the call is a cancellation.</param>
    public static async Task<T> GuardAsync<T>(
        Func<CancellationToken, Task<T>> call, Func<RequestFailedException, (bool Expected, T Result)> expected, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        end.CancelAfter(limit);
        try
        {
            return await call(end.Token);
        }
        catch (RequestFailedException e)
        {
            var (isExpected, result) = expected(e);
            return isExpected ? result : throw Translate(e);
        }
        catch (Exception e) when (IsFailure(e))
        {
            // A call that is cancelled between two tries ends in all that happened to it.
            cancellationToken.ThrowIfCancellationRequested();
            throw Translate(e);
        }
    }

    /// <summary>As the other overload, where no refusal is expected.</summary>
    public static Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan limit, CancellationToken cancellationToken) =>
        GuardAsync<T>(call, static _ => default, limit, cancellationToken);

    /// <summary>Whether an exception tells that storage, or what signs in to it, cannot be reached or does not answer in time, and of no bug.</summary>
    public static bool IsFailure(Exception e) =>
        e is RequestFailedException or AuthenticationFailedException or AggregateException or HttpRequestException or IOException or OperationCanceledException;

    public static Exception Translate(Exception e) => e switch
    {
        // Several tries, of which the last tells best what is the matter.
        AggregateException { InnerExceptions: [.., var last] } => Translate(last),
        // The client says "The operation was cancelled because it exceeded the configured timeout", or nothing but that a task was cancelled.
        OperationCanceledException => new StorageUnavailableException("Storage is not available: it did not answer in time.", e),
        // Status 0: no answer. 408, 429 and 5xx: try later. 401 and 403 too: rights take minutes to arrive, and the client can do nothing about them.
        RequestFailedException { Status: 0 or 401 or 403 or 408 or 429 or >= 500 } or not RequestFailedException => Unavailable(e),
        // A body was changed on its way, again and again, or the table or container is being deleted, which takes a while. Neither is the client's fault.
        RequestFailedException { ErrorCode: var code } when StorageRetryPolicy.IsCorrupted(code) || code is "TableBeingDeleted" or "ContainerBeingDeleted" => Unavailable(e),
        _ => new InvalidOperationException("Storage refused a request: " + FirstLine(e.Message), e),
    };

    private static StorageUnavailableException Unavailable(Exception e) => new("Storage is not available: " + FirstLine(e.Message), e);

    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();
}
