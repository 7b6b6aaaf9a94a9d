using System.Text.RegularExpressions;

namespace Serverless.Web.Telemetry;

/// <summary>The ids of requests: the client's own if it has sent a harmless one, and beside it that of the Functions host, by which its own log goes.</summary>
/// <param name="inFunctions">Whether the Functions host stands before this process; otherwise anybody may have sent its header.</param>
internal sealed partial class RequestIds(bool inFunctions)
{
    private const string Header = "X-Request-Id";

    // On every request that the host passes on.
    private const string InvocationHeader = "x-ms-invocation-id";

    private static readonly Func<ILogger, string, IDisposable?> s_scope = LoggerMessage.DefineScope<string>("RequestId:{RequestId}");
    private static readonly Func<ILogger, string, string, IDisposable?> s_scopeInFunctions =
        LoggerMessage.DefineScope<string, string>("RequestId:{RequestId} InvocationId:{InvocationId}");

    /// <summary>Finds or makes the id of a request, and puts it into the answer.</summary>
    public static string Of(HttpContext http)
    {
        var id = Find(http, Header) ?? Guid.NewGuid().ToString("N");
        http.Response.Headers[Header] = id;
        // The server's own messages name it too.
        http.TraceIdentifier = id;
        return id;
    }

    /// <summary>What is logged until the scope ends carries the ids.</summary>
    public IDisposable? BeginScope(ILogger logger, HttpContext http, string id) =>
        inFunctions && Find(http, InvocationHeader) is { } invocation ? s_scopeInFunctions(logger, id, invocation) : s_scope(logger, id);

    private static string? Find(HttpContext http, string header) =>
        http.Request.Headers[header] is [{ } value] && Harmless().IsMatch(value) ? value : null;

    [GeneratedRegex(@"\A[A-Za-z0-9._-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Harmless();
}
