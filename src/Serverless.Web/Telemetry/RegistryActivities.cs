using System.Diagnostics;
using Serverless.Web.Routing;

namespace Serverless.Web.Telemetry;

/// <summary>The spans of a trace, for whoever listens; while nobody does they cost nothing.</summary>
internal static class RegistryActivities
{
    public const string SourceName = "Serverless.Registry";

    private static readonly ActivitySource s_source = new(SourceName);

    /// <summary>The span of a request, which continues the client's trace (W3C Trace Context). Its name follows when its route is known.</summary>
    public static Activity? StartRequest(HttpContext http)
    {
        // What the server may have begun is not exported, and a trace would have no root. Besides, it has the client's tracestate, see below.
        if (Activity.Current is not null) Activity.Current = null;
        if (!s_source.HasListeners()) return null;
        // Not its tracestate, which would go on to storage with every call, whatever and however much a stranger has put into it.
        ActivityContext.TryParse(http.Request.Headers.TraceParent, null, isRemote: true, out var parent);
        return s_source.StartActivity("HTTP", ActivityKind.Server, parent);
    }

    /// <summary>Notes what has become of a request. Names hold no repository, so that there are only so many; attributes may.</summary>
    public static void End(Activity activity, RequestRecord request, string requestId)
    {
        activity.DisplayName = request.Template is { } template ? $"{request.Method} {template}" : request.Method;
        activity.SetTag("http.request.method", request.Method);
        activity.SetTag("http.route", request.Template);
        activity.SetTag("http.response.status_code", request.Status);
        activity.SetTag("http.request.body.size", request.Received);
        activity.SetTag("http.response.body.size", request.Sent);
        activity.SetTag("registry.request_id", requestId);
        activity.SetTag("registry.repository", RouteFamily.Repository(request.Route)?.ToString());
        if (request.ErrorType is not { } error) return;
        activity.SetTag("error.type", error);
        activity.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>The span of a call to storage.</summary>
    public static Activity? StartStorage(string service, string operation) =>
        s_source.HasListeners() ? s_source.StartActivity($"{service} {operation}", ActivityKind.Client) : null;

    /// <summary>The span of a task.</summary>
    public static Activity? StartMaintenance(string task) => s_source.StartActivity(task);
}
