using Serverless.Registry.Events;

namespace Serverless.Web.Events;

/// <summary>
/// The notifications of CNCF distribution (v3.0.0, docs/content/about/notifications.md), an event in each envelope. What is empty is left out or written as its Go structs do.
/// </summary>
/// <param name="publicUrl">The address below which clients find <c>v2</c>; null: none is configured.</param>
internal sealed class DistributionFormat(Uri? publicUrl) : IEventFormat
{
    public const string MediaType = "application/vnd.docker.distribution.events.v2+json";

    private readonly TargetUrls _urls = new(publicUrl);

    // Whoever delivers an event need not be who made it, and may be another one at the next attempt. So the source is the registry, and no instance of it.
    private readonly string? _address = publicUrl?.Authority;

    public EventMessage Write(RegistryEvent registryEvent) => new(MediaType, EventJson.ToBytes(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("events");
        json.WriteStartObject();
        json.WriteString("id", registryEvent.Id);
        json.WriteString("timestamp", EventJson.Format(registryEvent.Time));
        json.WriteString("action", EventJson.Name(registryEvent.Action));
        json.WriteStartObject("target");
        EventJson.WriteTarget(json, registryEvent, _urls.Find(registryEvent));
        json.WriteEndObject();
        EventJson.WriteRequest(json, registryEvent.Origin);
        EventJson.WriteActor(json, registryEvent.Origin);
        json.WriteStartObject("source");
        EventJson.WriteText(json, "addr", _address);
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }));
}
