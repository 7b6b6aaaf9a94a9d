using System.Globalization;
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
    private const string Endpoint = "The endpoint";

    /// <summary>The outcome that an answer means.</summary>
    public static DeliveryOutcome Of(HttpResponseMessage answer, DateTimeOffset now)
    {
        if (answer.IsSuccessStatusCode) return DeliveryOutcome.Delivered;
        var status = (int)answer.StatusCode;
        var hint = status is >= 300 and < 400 ? ", a redirect that is not followed" : "";
        return new DeliveryOutcome(string.Create(CultureInfo.InvariantCulture, $"The endpoint answered {status}{hint}."), !OutboundFailure.MayPass(answer.StatusCode), RetryDelay.Find(answer.Headers.RetryAfter, now));
    }

    /// <summary>The outcome of an attempt that nobody answered in time.</summary>
    public static DeliveryOutcome TimedOut(TimeSpan timeout) => new(OutboundFailure.TimedOut(Endpoint, timeout).Message);

    /// <summary>The outcome of an attempt without an answer.</summary>
    public static DeliveryOutcome Of(HttpRequestException failure) => new(OutboundFailure.Of(Endpoint, failure).Message);

    /// <summary>The outcome of an attempt for which nobody could sign in.</summary>
    public static DeliveryOutcome NoToken(Exception failure) =>
        new($"There is no token for Event Grid ({failure.GetType().Name}): the registry needs an identity, or the endpoint a header aeg-sas-key.");
}
