using Serverless.Registry.Delivery;
using Serverless.Web.Outbound;
using Serverless.Web.Settings;

namespace Serverless.Web.Events;

/// <summary>Opens endpoints that are told of events by HTTP. There is no other way to one, so whoever tries an endpoint out tries what the registry has.</summary>
public static class EventEndpoints
{
    // Nothing of an answer is kept.
    private const int MaxAnswer = 64 << 10;

    // Headers by which Event Grid knows who sends, besides a token of Entra ID.
    private static readonly string[] s_keys = ["aeg-sas-key", "aeg-sas-token", "Authorization"];

    /// <summary>Opens an endpoint on the network of this machine, without the services of a registry. It may be <see cref="IDisposable"/>.</summary>
    /// <param name="settings">Where to, and what with.</param>
    /// <param name="outbound">Where the registry may send events to.</param>
    /// <param name="time">The clock of signatures.</param>
    public static IEventEndpoint Open(EndpointSettings settings, OutboundSettings outbound, TimeProvider time) =>
        Open(settings, new OutboundGuard(outbound, OutboundNetwork.System), EventGridCredentials.System, time);

    internal static HttpEventEndpoint Open(EndpointSettings settings, OutboundGuard guard, EventGridCredentials credentials, TimeProvider time)
    {
        var client = guard.NewClient(new OutboundLimits(MaxAnswer, settings.Timeout));
        var tokens = settings.Format == EventFormat.EventGrid && !s_keys.Any(settings.Headers.ContainsKey)
            ? new EventGridTokens(credentials.Open(settings.ClientId), time)
            : null;
        return new HttpEventEndpoint(settings, FormatOf(settings), client, time, tokens);
    }

    private static IEventFormat FormatOf(EndpointSettings settings) => settings.Format switch
    {
        EventFormat.Distribution => new DistributionFormat(settings.PublicUrl),
        EventFormat.CloudEvents => new CloudEventsFormat(settings.Source, settings.PublicUrl, isBinary: false),
        EventFormat.CloudEventsBinary => new CloudEventsFormat(settings.Source, settings.PublicUrl, isBinary: true),
        EventFormat.EventGrid => new EventGridFormat(settings.Source, settings.PublicUrl),
        _ => throw new ArgumentOutOfRangeException(nameof(settings)),
    };
}
