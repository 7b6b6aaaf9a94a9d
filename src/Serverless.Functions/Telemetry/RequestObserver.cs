using Microsoft.AspNetCore.Http.Features;
using Serverless.Functions.Routing;

namespace Serverless.Functions.Telemetry;

/// <summary>
/// Stands before everything else: gives each request an id, which its answer and every line of log carry, and tells of it when it is over: a line, a span, metrics.
/// </summary>
/// <param name="next">Answers requests, and lets no exception out.</param>
/// <param name="metrics">What is counted.</param>
/// <param name="ids">Writes the ids into the log.</param>
/// <param name="level">The level of the lines. The Functions host tells of each request itself, and lines are paid for there.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Takes the lines.</param>
internal sealed partial class RequestObserver(RequestDelegate next, RegistryMetrics metrics, RequestIds ids, LogLevel level, TimeProvider time, ILogger<RequestObserver> logger)
{
    public async Task InvokeAsync(HttpContext http)
    {
        var started = time.GetTimestamp();
        var id = RequestIds.Of(http);
        using var scope = ids.BeginScope(logger, http, id);
        var request = RequestRecord.Begin(http);
        http.Features.Set<IRequestBodyPipeFeature>(new CountedRequestBody(http.Request.BodyReader, request));
        http.Features.Set<IHttpResponseBodyFeature>(new CountedResponseBody(http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), request));
        using var activity = RegistryActivities.StartRequest(http);
        metrics.Begin(request.Method);
        try
        {
            await next(http);
        }
        finally
        {
            var duration = time.GetElapsedTime(started);
            metrics.End(request, duration);
            if (activity is not null) RegistryActivities.End(activity, request, id);
            Log(request, duration);
        }
    }

    private void Log(RequestRecord request, TimeSpan duration)
    {
        var ownLevel = RouteFamily.IsProbe(request.Route) ? LogLevel.Debug : level;
        if (!logger.IsEnabled(ownLevel)) return;
        var (template, repository) = (request.Template ?? "-", RouteFamily.Repository(request.Route)?.ToString() ?? "-");
        var end = request.IsBroken ? " (broken off)" : "";
        LogFinished(ownLevel, request.Method, template, repository, request.Status, end, (long)duration.TotalMilliseconds, request.Received, request.Sent);
    }

    // Neither path nor query: paths may hold what clients like, and queries hold the state of uploads.
    [LoggerMessage(EventId = 1, EventName = "RequestFinished", Message = "{Method} {Route} {Repository} {Status}{End} in {Duration} ms, {BytesIn} bytes in, {BytesOut} out")]
    private partial void LogFinished(LogLevel level, string method, string route, string repository, int status, string end, long duration, long bytesIn, long bytesOut);
}
