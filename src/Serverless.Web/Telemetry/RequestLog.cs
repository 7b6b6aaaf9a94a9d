using Serverless.Web.Routing;

namespace Serverless.Web.Telemetry;

/// <summary>A line of log for each request.</summary>
/// <param name="logger">Takes the lines.</param>
/// <param name="level">Their level. The Functions host tells of each request itself, and lines are paid for there.</param>
internal sealed partial class RequestLog(ILogger<RequestLog> logger, LogLevel level)
{
    public ILogger Logger => logger;

    public void Write(RequestRecord request, TimeSpan duration)
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
