using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.FunctionsHost.Fixture;

/// <summary>Functions that tell what has reached them.</summary>
internal static class EchoFunctions
{
    /// <summary>Answers what it got as JSON; X-Answer-Status and X-Answer-Location of the request change the answer's status and Location.</summary>
    [Function("Echo")]
    public static async Task<IActionResult> EchoAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", "post", "put", "patch", "delete", Route = "echo/{*path}")] HttpRequest request)
    {
        var length = await CountAsync(request, _ => { });
        if (request.Headers.TryGetValue("X-Answer-Location", out var location)) request.HttpContext.Response.Headers.Location = location;
        return new JsonResult(new
        {
            method = request.Method,
            path = request.Path.Value,
            rawTarget = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget,
            url = request.GetEncodedUrl(),
            peer = request.HttpContext.Connection.RemoteIpAddress?.ToString(),
            headers = request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString()),
            length,
        })
        {
            StatusCode = request.Headers.TryGetValue("X-Answer-Status", out var status) ? int.Parse(status!, CultureInfo.InvariantCulture) : StatusCodes.Status200OK,
        };
    }

    /// <summary>Prints how much of the body has come, as it comes.</summary>
    [Function("Count")]
    public static async Task<IActionResult> CountAsync([HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "count")] HttpRequest request) =>
        new OkObjectResult(await CountAsync(request, count => Console.WriteLine($"Count: {count} bytes so far")));

    [Function("Named")]
    public static IActionResult Named([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "names/{name:regex(^[a-z]{{2,4}}$)}")] HttpRequest request, string name) =>
        new OkObjectResult($"{name} {request.RouteValues["name"]}");

    /// <summary>Fits every request that <see cref="OverlapWord"/> fits.</summary>
    [Function("OverlapAny")]
    public static IActionResult OverlapAny([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "overlap/{any}")] HttpRequest request) => new OkObjectResult(nameof(OverlapAny));

    [Function("OverlapWord")]
    public static IActionResult OverlapWord([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "overlap/{word:alpha}")] HttpRequest request) => new OkObjectResult(nameof(OverlapWord));

    private static async Task<long> CountAsync(HttpRequest request, Action<long> report)
    {
        var (buffer, count) = (new byte[64 * 1024], 0L);
        while (await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted) is var read and > 0) report(count += read);
        return count;
    }
}
