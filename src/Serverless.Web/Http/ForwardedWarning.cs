namespace Serverless.Web.Http;

/// <summary>Warns once when a proxy seems to stand before a server that was told of none: to it all clients then have one address, and are refused together.</summary>
/// <param name="expectsNone">Whether addresses are taken from the connection and matter, because somebody can sign in.</param>
/// <param name="logger">Where it is warned.</param>
internal sealed partial class ForwardedWarning(bool expectsNone, ILogger<ForwardedWarning> logger)
{
    private int _given;

    /// <summary>Looks at a request.</summary>
    public void Look(HttpContext http)
    {
        if (!expectsNone || _given != 0 || !http.Request.Headers.ContainsKey("X-Forwarded-For")) return;
        if (Interlocked.Exchange(ref _given, 1) == 0) LogForwarded();
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "A request came with X-Forwarded-For, but Registry:Auth:Proxies is 0. If proxies stand before this server, set it to their number: until then all clients count as one address "
            + "when sign-ins fail. If none does, the client made the header up, and it is not believed")]
    private partial void LogForwarded();
}
