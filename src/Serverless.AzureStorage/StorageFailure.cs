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
    public static async Task<T> GuardAsync<T>(Func<Task<T>> call, Func<RequestFailedException, (bool Expected, T Result)> expected)
    {
        try
        {
            return await call();
        }
        catch (RequestFailedException e)
        {
            var (isExpected, result) = expected(e);
            return isExpected ? result : throw Translate(e);
        }
        catch (Exception e) when (e is AuthenticationFailedException or AggregateException or HttpRequestException)
        {
            throw Translate(e);
        }
        catch (TaskCanceledException e) when (e.InnerException is TimeoutException)
        {
            throw Translate(e);
        }
    }

    /// <summary>As the other overload, where no refusal is expected.</summary>
    public static Task<T> GuardAsync<T>(Func<Task<T>> call) => GuardAsync<T>(call, static _ => default);

    public static Exception Translate(Exception e) => e switch
    {
        // Status 0: no answer. 408, 429 and 5xx: try later. 401 and 403 too: rights take minutes to arrive, and the client can do nothing about them.
        RequestFailedException { Status: 0 or 401 or 403 or 408 or 429 or >= 500 } or not RequestFailedException =>
            new StorageUnavailableException("Storage is not available: " + FirstLine(e.Message), e),
        _ => new InvalidOperationException("Storage refused a request: " + FirstLine(e.Message), e),
    };

    private static string FirstLine(string message) => message.Split('\n', 2)[0].TrimEnd();
}
