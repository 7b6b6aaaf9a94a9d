using Serverless.Registry;
using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Health;
using Serverless.Web.Outbound;
using Serverless.Web.Settings;
using Serverless.Web.Telemetry;

namespace Serverless.Web.Events;

/// <summary>Adds the endpoints that are told of events, and those who tell them. Whoever hosts the registry adds an <see cref="EventSender"/>, or what stands in for it.</summary>
internal static class EventServices
{
    // Nothing of an answer is kept.
    private const int MaxAnswer = 64 << 10;

    // Headers by which Event Grid knows who sends, besides a token of Entra ID.
    private static readonly string[] s_keys = ["aeg-sas-key", "aeg-sas-token", "Authorization"];

    /// <summary>Adds an <see cref="IEventEndpoint"/> for each endpoint. The guard of what goes out and a clock must be there.</summary>
    public static IServiceCollection AddEventEndpoints(this IServiceCollection services, EventSettings settings, HealthOptions health)
    {
        services.AddSingleton(health).AddSingleton<EventMetrics>()
            .AddSingleton(sp => new EventSignals(sp.GetRequiredService<EventMetrics>()))
            .AddSingleton<DeliveryLog>()
            .AddSingleton(sp => sp.GetRequiredService<ContainerRegistry>().DeliverTo(sp.GetServices<IEventEndpoint>(), sp.GetRequiredService<DeliveryLog>()))
            .AddSingleton<PullEvents>();
        // Nobody listens where there is nobody to tell.
        if (settings.Endpoints.Count > 0) services.AddSingleton<IEventSignal>(sp => sp.GetRequiredService<EventSignals>()).AddHostedService(sp => sp.GetRequiredService<PullEvents>());
        if (settings.Endpoints.Count > 0) services.TryAddSingleton(EventGridCredentials.System);
        foreach (var endpoint in settings.Endpoints) services.AddSingleton<IEventEndpoint>(sp => Open(endpoint, sp));
        return services;
    }

    private static HttpEventEndpoint Open(EndpointSettings settings, IServiceProvider services)
    {
        var time = services.GetRequiredService<TimeProvider>();
        var client = services.GetRequiredService<OutboundGuard>().NewClient(new OutboundLimits(MaxAnswer, settings.Timeout));
        var tokens = settings.Format == EventFormat.EventGrid && !s_keys.Any(settings.Headers.ContainsKey)
            ? new EventGridTokens(services.GetRequiredService<EventGridCredentials>().Open(settings.ClientId), time)
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
