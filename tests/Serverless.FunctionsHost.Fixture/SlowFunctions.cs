using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.FunctionsHost.Fixture;

/// <summary>Functions that take as long as the test wants.</summary>
internal static class SlowFunctions
{
    private static readonly SemaphoreSlim s_released = new(0);

    /// <summary>Does not answer; prints what ends it.</summary>
    [Function("Hang")]
    public static async Task<IActionResult> HangAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "hang")] HttpRequest request, FunctionContext context)
    {
        Console.WriteLine("Hang: begun");
        using var aborted = request.HttpContext.RequestAborted.Register(() => Console.WriteLine("Hang: request aborted"));
        using var cancelled = context.CancellationToken.Register(() => Console.WriteLine("Hang: invocation cancelled"));
        await Task.Delay(Timeout.Infinite, request.HttpContext.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Where the host ends both, either may come first.
        await Task.Delay(TimeSpan.FromSeconds(5), context.CancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return new EmptyResult();
    }

    /// <summary>Sends the first part of its answer, and the last one when <see cref="Release"/> was called.</summary>
    [Function("Drip")]
    public static async Task<IActionResult> DripAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "drip")] HttpRequest request)
    {
        Console.WriteLine("Drip: begun");
        var response = request.HttpContext.Response;
        await response.WriteAsync("first, ", request.HttpContext.RequestAborted);
        await response.Body.FlushAsync(request.HttpContext.RequestAborted);
        await s_released.WaitAsync(request.HttpContext.RequestAborted);
        await response.WriteAsync("last", request.HttpContext.RequestAborted);
        return new EmptyResult();
    }

    [Function("Release")]
    public static IActionResult Release([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "release")] HttpRequest request)
    {
        s_released.Release();
        return new NoContentResult();
    }

    [Function("Fail")]
    public static IActionResult Fail([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "fail")] HttpRequest request) => throw new InvalidOperationException("Fail fails.");
}
