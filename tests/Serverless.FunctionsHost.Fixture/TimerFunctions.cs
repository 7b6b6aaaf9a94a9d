using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Serverless.FunctionsHost.Fixture;

/// <summary>One timer for each way in which an invocation can end.</summary>
internal sealed partial class TimerFunctions(ILogger<TimerFunctions> logger)
{
    /// <summary>Logs what it was given.</summary>
    [Function("Succeed")]
    public void Succeed([TimerTrigger("%SucceedSchedule%")] TimerInfo timer)
    {
        var text = JsonSerializer.Serialize(timer);
        LogTimer(logger, text);
    }

    [Function("Throw")]
    public static void Throw([TimerTrigger("%ThrowSchedule%")] TimerInfo timer) => throw new InvalidOperationException($"Throw throws, {(timer.IsPastDue ? "past due" : "in time")}.");

    /// <summary>Runs until it is cancelled.</summary>
    [Function("Linger")]
    public static async Task LingerAsync([TimerTrigger("%LingerSchedule%")] TimerInfo timer, CancellationToken cancellationToken)
    {
        Console.WriteLine("Linger: begun");
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Console.WriteLine("Linger: cancelled");
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Succeed: {Timer}")]
    private static partial void LogTimer(ILogger logger, string timer);
}
