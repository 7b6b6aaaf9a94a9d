using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Serverless.Registry.Delivery;
using Serverless.Web.Outbound;

namespace Serverless.Web.Events;

/// <summary>
/// What an attempt came to. Problems go to logs and to rows, so they are made of what the registry knows and of numbers: nothing of an answer's
/// text, of the URL's path and query, or of headers.
/// <code>
///   2xx                             delivered
///   408, 429, 5xx, no answer        the endpoint does not work
///   anything else                   this event is refused
/// </code>
/// </summary>
internal static class AttemptOutcome
{
    /// <summary>The outcome that an answer means.</summary>
    public static DeliveryOutcome Of(HttpResponseMessage answer, DateTimeOffset now)
    {
        if (answer.IsSuccessStatusCode) return DeliveryOutcome.Delivered;
        var status = (int)answer.StatusCode;
        var isRefused = status < 500 && answer.StatusCode is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);
        var hint = status is >= 300 and < 400 ? ", a redirect that is not followed" : "";
        return new DeliveryOutcome(string.Create(CultureInfo.InvariantCulture, $"The endpoint answered {status}{hint}."), isRefused, RetryDelay.Find(answer.Headers.RetryAfter, now));
    }

    /// <summary>The outcome of an attempt that nobody answered in time.</summary>
    public static DeliveryOutcome TimedOut(TimeSpan timeout) => new($"The endpoint did not answer within {timeout:c}.");

    /// <summary>The outcome of an attempt without an answer.</summary>
    public static DeliveryOutcome Of(HttpRequestException failure) => new(failure.InnerException switch
    {
        // It names the host, and the setting that would let it.
        OutboundRefusedException refused => refused.Message,
        SocketException socket => $"The endpoint could not be reached ({socket.SocketErrorCode}).",
        _ => $"The endpoint could not be reached ({failure.HttpRequestError}).",
    });

    /// <summary>The outcome of an attempt for which nobody could sign in.</summary>
    public static DeliveryOutcome NoToken(Exception failure) =>
        new($"There is no token for Event Grid ({failure.GetType().Name}): the registry needs an identity, or the endpoint a header aeg-sas-key.");
}
