using Microsoft.AspNetCore.Http.Features;

namespace Serverless.Web.Telemetry;

/// <summary>
/// Stands before everything else: gives each request an id, which its answer and every line of log carry, and tells of it when it is over: a line, a span, metrics.
/// </summary>
/// <param name="metrics">What is counted.</param>
/// <param name="ids">Writes the ids into the log.</param>
/// <param name="log">Takes the lines.</param>
/// <param name="time">The clock.</param>
internal sealed class RequestObserver(RegistryMetrics metrics, RequestIds ids, RequestLog log, TimeProvider time)
{
    /// <param name="http">The request.</param>
    /// <param name="next">Answers it, and lets no exception out.</param>
    public async Task ObserveAsync(HttpContext http, RequestDelegate next)
    {
        var started = time.GetTimestamp();
        var id = RequestIds.Of(http);
        using var scope = ids.BeginScope(log.Logger, http, id);
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
            log.Write(request, duration);
        }
    }
}
