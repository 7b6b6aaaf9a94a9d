using System.Globalization;
using System.Text.Json;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.FunctionsHost.Fixture;

/// <summary>One queue for each way in which the handling of a message can end.</summary>
internal static class QueueFunctions
{
    private const string Storage = "FixtureStorage";

    /// <summary>Prints the message and what it is told of it.</summary>
    [Function("Take")]
    public static void Take([QueueTrigger("%TakeQueue%", Connection = Storage)] string message, FunctionContext context) =>
        Console.WriteLine($"Take: {message} with {JsonSerializer.Serialize(context.BindingContext.BindingData)}");

    [Function("Reject")]
    public static void Reject([QueueTrigger("%RejectQueue%", Connection = Storage)] string message, FunctionContext context)
    {
        Console.WriteLine($"Reject: {message}, try {context.BindingContext.BindingData["DequeueCount"]}");
        throw new InvalidOperationException("Reject rejects.");
    }

    /// <summary>Waits as many seconds as the message says; if it is cancelled before that, it ends well when the message is negative and fails otherwise.</summary>
    [Function("Wait")]
    public static async Task WaitAsync([QueueTrigger("%WaitQueue%", Connection = Storage)] string message, CancellationToken cancellationToken)
    {
        Console.WriteLine($"Wait: {message} begun");
        var seconds = int.Parse(message, CultureInfo.InvariantCulture);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(Math.Abs(seconds)), cancellationToken);
            Console.WriteLine($"Wait: {message} over");
        }
        catch (OperationCanceledException) when (seconds < 0)
        {
            Console.WriteLine($"Wait: {message} given up");
        }
    }
}
