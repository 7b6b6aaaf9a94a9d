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

    private static HttpEventEndpoint Open(EndpointSettings settings, IServiceProvider services) => EventEndpoints.Open(
        settings, services.GetRequiredService<OutboundGuard>(), services.GetRequiredService<EventGridCredentials>(), services.GetRequiredService<TimeProvider>());
}
