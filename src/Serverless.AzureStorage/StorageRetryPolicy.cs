using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Serverless.AzureStorage;

/// <summary>
/// Tries again as every Azure client does, and also when storage found that a body was changed on the way. A try has the time that its body needs. Pauses
/// begin short: most failures are a busy partition that is free again at once.
/// </summary>
internal sealed class StorageRetryPolicy(CallLimits limits) : RetryPolicy(MaxRetries, DelayStrategy.CreateExponentialDelayStrategy(s_firstDelay, s_maxDelay))
{
    public const int MaxRetries = 6;

    private static readonly TimeSpan s_firstDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_maxDelay = TimeSpan.FromSeconds(4);

    /// <summary>Whether the code is that of a body whose checksum is another than the one that was sent with it.</summary>
    public static bool IsCorrupted(string? errorCode) => errorCode is "Crc64Mismatch" or "Md5Mismatch";

    protected override ValueTask OnSendingRequestAsync(HttpMessage message)
    {
        message.NetworkTimeout = limits.OfTry(message.Request.Content is { } body && body.TryComputeLength(out var length) ? length : 0);
        return default;
    }

    protected override async ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) =>
        await base.ShouldRetryAsync(message, exception) || (exception is null && message.ProcessingContext.RetryNumber < MaxRetries && IsCorrupted(message.Response));

    private static bool IsCorrupted(Response answer) => answer.Headers.TryGetValue("x-ms-error-code", out var code) && IsCorrupted(code);
}
