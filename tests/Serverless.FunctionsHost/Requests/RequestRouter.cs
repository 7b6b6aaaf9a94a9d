using System.Collections.Concurrent;
using Serverless.FunctionsHost.Functions;
using Serverless.FunctionsHost.Timers;

namespace Serverless.FunctionsHost.Requests;

/// <summary>Decides who answers a request: the host itself, or one of the functions.</summary>
internal sealed class RequestRouter(FunctionIndex functions, RequestProxy proxy, TimerInvoker timers, FunctionsHostOptions options, ConcurrentQueue<string> problems)
{
    private readonly bool _hasHomepage = !string.Equals(options.AppSettings.GetValueOrDefault("AzureWebJobsDisableHomepage"), "true", StringComparison.OrdinalIgnoreCase);

    public async Task AnswerAsync(HttpContext http)
    {
        if (options.Peer is { } peer) http.Connection.RemoteIpAddress = peer;
        if (http.Request.Path.StartsWithSegments("/admin", out var command)) AnswerAdmin(http, command);
        // The root is the host's own, whatever routes there are.
        else if (http.Request.Path == "/") await AnswerRootAsync(http.Response);
        else await AnswerFunctionAsync(http);
    }

    private async Task AnswerFunctionAsync(HttpContext http)
    {
        var fits = functions.Routes.Select(r => (r.Function, Values: r.Match(http))).Where(r => r.Values is not null).ToArray();
        if (fits.Length > 1) problems.Enqueue($"{http.Request.Method} {http.Request.Path} fits {string.Join(", ", fits.Select(f => f.Function.Name))}");
        if (fits.Length > 0 && !functions.Disabled.Contains(fits[0].Function.Name)) await proxy.InvokeAsync(http, fits[0].Function, fits[0].Values!);
        else http.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private async Task AnswerRootAsync(HttpResponse response)
    {
        if (_hasHomepage) await response.WriteAsync("<!DOCTYPE html><title>Your Functions app is up and running</title>");
        else response.StatusCode = StatusCodes.Status204NoContent;
    }

    // POST /admin/functions/NAME starts a function that has no HTTP trigger; its result is in the log only.
    private void AnswerAdmin(HttpContext http, PathString command)
    {
        var isTimer = HttpMethods.IsPost(http.Request.Method) && command.StartsWithSegments("/functions", out var name) && functions.Timers.ContainsKey(name.Value!.TrimStart('/'));
        http.Response.StatusCode = isTimer ? StatusCodes.Status202Accepted : StatusCodes.Status404NotFound;
        if (isTimer) _ = timers.RunAsync(command.Value![(command.Value!.LastIndexOf('/') + 1)..]);
    }
}
