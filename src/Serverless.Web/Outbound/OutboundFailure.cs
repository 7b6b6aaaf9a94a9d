using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace Serverless.Web.Outbound;

/// <summary>
/// What it means that a server did not answer as it was hoped, for everybody who asks one.
/// <code>
///   408, 429, 5xx, no answer       the same may succeed later
///   anything else                  it will not
/// </code>
/// </summary>
/// <param name="Message">What has happened, without anything that was sent.</param>
/// <param name="IsTransient">Whether the same may succeed later.</param>
internal sealed record OutboundFailure(string Message, bool IsTransient)
{
    /// <summary>Whether a status other than success may be another one later.</summary>
    public static bool MayPass(HttpStatusCode status) => (int)status >= 500 || status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout;

    /// <summary>What a failure to get an answer means.</summary>
    /// <param name="who">Who was asked, as a sentence begins with it.</param>
    /// <param name="failure">How it failed.</param>
    public static OutboundFailure Of(string who, HttpRequestException failure) => (failure.InnerException, failure.HttpRequestError) switch
    {
        // It names the host, and the setting that would let it.
        (OutboundRefusedException refused, _) => new(refused.Message, false),
        (AuthenticationException, _) => new($"{who} speaks no TLS that can be trusted; look at its certificate.", false),
        (SocketException socket, _) => new($"{who} could not be reached ({socket.SocketErrorCode}).", true),
        (_, HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded) => new($"{who} answered with something that is no HTTP, or with headers that are too long.", false),
        _ => new($"{who} could not be reached ({failure.HttpRequestError}).", true),
    };

    /// <summary>What it means that nobody answered in time.</summary>
    public static OutboundFailure TimedOut(string who, TimeSpan timeout) => new($"{who} did not answer within {timeout:c}.", true);
}
