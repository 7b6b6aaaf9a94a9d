using System.Security.Cryptography;

namespace Serverless.Registry.Storage;

/// <summary>The one loop for writes that lost a race: try again with what is there now, a bounded number of times, with growing random pauses.</summary>
internal static class StorageRetry
{
    private const int MaxAttempts = 12;

    /// <summary>Runs an attempt until it is settled. An attempt that lost a race returns <c>default</c>.</summary>
    /// <exception cref="StorageUnavailableException">It lost every time.</exception>
    public static async Task<T> RunAsync<T>(Func<Task<(bool Settled, T Result)>> attempt, CancellationToken cancellationToken)
    {
        for (var i = 0; i < MaxAttempts; i++)
        {
            var (settled, result) = await attempt();
            if (settled) return result;
            await PauseAsync(i, cancellationToken);
        }

        throw new StorageUnavailableException("Too many others change the same rows.");
    }

    private static Task PauseAsync(int attempt, CancellationToken cancellationToken) =>
        attempt == 0 ? Task.CompletedTask : Task.Delay(RandomNumberGenerator.GetInt32(1 << Math.Min(attempt + 2, 9)), cancellationToken);
}
