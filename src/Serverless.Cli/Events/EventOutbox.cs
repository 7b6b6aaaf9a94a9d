using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Web.Events;
using Serverless.Web.Settings;

namespace Serverless.Cli.Events;

/// <summary>The events that are stored, and the endpoints that they are for, as this tool sees them: it delivers none of them.</summary>
internal sealed class EventOutbox(CliContext context)
{
    private readonly EventDelivery _delivery = context.Registry.DeliverTo([], new Unobserved());

    /// <summary>Lists what waits, oldest first, and then what was given up.</summary>
    /// <param name="endpoint">For which endpoint; null: for all.</param>
    /// <param name="cancellationToken">Ends the list.</param>
    /// <exception cref="CliException">The settings do not name the endpoint, and no event is for it.</exception>
    public async Task<List<StoredEvent>> ListAsync(string? endpoint, CancellationToken cancellationToken)
    {
        // In this order: what is given up meanwhile may be seen twice, but is not missed.
        var waiting = await _delivery.ListPendingAsync(cancellationToken).Select(StoredEvent.Of).ToListAsync(cancellationToken);
        var givenUp = await _delivery.ListUndeliveredAsync(cancellationToken).Select(StoredEvent.Of).ToListAsync(cancellationToken);
        var all = waiting.OrderBy(e => e.Time).Concat(givenUp.OrderBy(e => e.Time));
        if (endpoint is null) return [.. all];
        List<StoredEvent> found = [.. all.Where(e => e.Endpoint == endpoint)];
        // Events outlive the settings of their endpoints.
        return found.Count > 0 || IsNamed(endpoint) ? found : throw UnknownEndpoint(endpoint);
    }

    /// <summary>Lists what is stored of one event, for each endpoint that it is for.</summary>
    /// <inheritdoc cref="ListAsync"/>
    /// <exception cref="CliException">There is no such event.</exception>
    public async Task<List<StoredEvent>> FindAsync(string id, string? endpoint, CancellationToken cancellationToken)
    {
        List<StoredEvent> found = [.. (await ListAsync(endpoint, cancellationToken)).Where(e => e.Has(id))];
        var whose = endpoint is null ? "" : $" for {endpoint}";
        return found.Count > 0 ? found : throw new CliException($"No event {id}{whose} is stored: it was delivered, was given up more than 30 days ago, or has never been.");
    }

    /// <summary>Puts an event back that was given up.</summary>
    /// <returns>False when somebody else has done so.</returns>
    public async Task<bool> ResendAsync(StoredEvent stored, CancellationToken cancellationToken) => await _delivery.ResendAsync(stored.Endpoint, stored.Id, cancellationToken) is not null;

    /// <summary>Sends an endpoint an event that is not stored, once, as the registry sends it others.</summary>
    public async Task<DeliveryOutcome> TestAsync(EndpointSettings settings, RegistryEvent registryEvent, CancellationToken cancellationToken)
    {
        var endpoint = EventEndpoints.Open(settings, context.Settings.Outbound, context.Time);
        using var open = endpoint as IDisposable;
        return await context.Registry.DeliverTo([endpoint], new Unobserved()).TestAsync(settings.Subscription.Name, registryEvent, cancellationToken);
    }

    /// <summary>Whether the settings name an endpoint, and do not disable it.</summary>
    public bool IsNamed(string endpoint) => context.Settings.Events.Endpoints.Any(e => e.Subscription.Name == endpoint);

    /// <summary>The settings of an endpoint.</summary>
    /// <exception cref="CliException">The settings do not name it.</exception>
    public EndpointSettings Endpoint(string name) => context.Settings.Events.Endpoints.FirstOrDefault(e => e.Subscription.Name == name) ?? throw UnknownEndpoint(name);

    private CliException UnknownEndpoint(string name)
    {
        var names = string.Join(", ", context.Settings.Events.Endpoints.Select(e => e.Subscription.Name));
        return new CliException($"There is no endpoint '{name}'. The settings ({SettingsReader.Root}:Events:NAME) {(names.Length == 0 ? "name none that is not disabled" : $"name {names}")}.");
    }

    // Nothing becomes of events here.
    private sealed class Unobserved : IDeliveryObserver
    {
        public void Delivered(string endpoint, RegistryEvent registryEvent)
        {
        }

        public void Failed(string endpoint, RegistryEvent registryEvent, string problem)
        {
        }

        public void GivenUp(string endpoint, string id, string problem)
        {
        }
    }
}
