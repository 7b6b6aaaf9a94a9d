using Serverless.Web.Telemetry;

namespace Serverless.Web.Auth;

/// <summary>One event for every decision on access: who, what, how, outcome. Neither passwords nor tokens nor addresses with signatures come near it.</summary>
internal sealed partial class AuditLog(ILogger<AuditLog> logger, ClientAddress address)
{
    public void Allowed(HttpContext http, RequiredAccess access, Caller caller)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        var (actor, scope, from) = (Printable(caller.Name ?? ""), access.Describe(), address.Of(http));
        LogAllowed(actor, caller.How, scope, http.Request.Method, from);
    }

    public void Refused(HttpContext http, RequiredAccess access, Caller? caller)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        var (actor, how, scope, from) = (Printable(caller?.Name ?? ""), caller?.How ?? "bad credentials", access.Describe(), address.Of(http));
        LogRefused(actor, how, scope, http.Request.Method, from);
    }

    /// <summary>Somebody is told how to sign in, who has not tried to: the beginning of every token, and nothing to look into.</summary>
    public void Challenged(HttpContext http, RequiredAccess access)
    {
        if (!logger.IsEnabled(LogLevel.Debug)) return;
        var (scope, from) = (access.Describe(), address.Of(http));
        LogChallenged(scope, http.Request.Method, from);
    }

    /// <summary>A sign-in at the token service.</summary>
    public void SignedIn(HttpContext http, string? name, string how, IEnumerable<string> granted)
    {
        if (!logger.IsEnabled(LogLevel.Information)) return;
        var (actor, scopes, from) = (Printable(name ?? ""), string.Join(' ', granted), address.Of(http));
        LogSignedIn(actor, how, scopes, from);
    }

    /// <summary>A sign-in that failed. The name is what was claimed.</summary>
    public void SignInFailed(HttpContext http, string name, string how)
    {
        RequestRecord.Of(http).SignInFailure = how;
        if (!logger.IsEnabled(LogLevel.Warning)) return;
        var (actor, from) = (Printable(name), address.Of(http));
        LogSignInFailed(actor, how, from);
    }

    // What anybody may send must not be able to begin a line of its own.
    internal static string Printable(string text) =>
        string.Concat((text.Length > 128 ? text[..128] : text).Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c));

    [LoggerMessage(EventId = 100, EventName = "AccessAllowed", Level = LogLevel.Information, Message = "Allowed: {Actor} ({How}) {Access} by {Method} from {Address}")]
    private partial void LogAllowed(string actor, string how, string access, string method, string address);

    [LoggerMessage(EventId = 101, EventName = "AccessRefused", Level = LogLevel.Information, Message = "Refused: {Actor} ({How}) {Access} by {Method} from {Address}")]
    private partial void LogRefused(string actor, string how, string access, string method, string address);

    [LoggerMessage(EventId = 104, EventName = "AccessChallenged", Level = LogLevel.Debug, Message = "Asked to sign in: {Access} by {Method} from {Address}")]
    private partial void LogChallenged(string access, string method, string address);

    [LoggerMessage(EventId = 102, EventName = "SignedIn", Level = LogLevel.Information, Message = "Signed in: {Actor} ({How}) was granted '{Granted}' from {Address}")]
    private partial void LogSignedIn(string actor, string how, string granted, string address);

    [LoggerMessage(EventId = 103, EventName = "SignInFailed", Level = LogLevel.Warning, Message = "Sign-in failed: {Actor} ({How}) from {Address}")]
    private partial void LogSignInFailed(string actor, string how, string address);
}
