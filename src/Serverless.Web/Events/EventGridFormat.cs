using System.Text.Json;
using Serverless.Registry.Events;

namespace Serverless.Web.Events;

/// <summary>
/// The schema of Azure Event Grid with the events of Azure Container Registry, so that who reads those reads ours unchanged
/// (learn.microsoft.com/azure/event-grid/event-schema-container-registry, data version 1.0):
/// <code>
///   ImagePushed, ImageDeleted    subject repository[:tag]   target and request
///   ChartPushed, ChartDeleted    subject name[:version]     target with name and version, no request
/// </code>
/// ACR tells of manifests that are pushed or deleted, and of nothing else: a tag that is deleted alone leaves the image where it is, so to say ImageDeleted would be wrong.
/// </summary>
/// <param name="topic">The resource id of the topic; null leaves it to Event Grid, which takes no other than its own.</param>
/// <param name="publicUrl">The address below which clients find <c>v2</c>; null: none is configured.</param>
internal sealed class EventGridFormat(string? topic, Uri? publicUrl) : IEventFormat
{
    private const string ImagePushed = "Microsoft.ContainerRegistry.ImagePushed";
    private const string ImageDeleted = "Microsoft.ContainerRegistry.ImageDeleted";
    private const string ChartPushed = "Microsoft.ContainerRegistry.ChartPushed";
    private const string ChartDeleted = "Microsoft.ContainerRegistry.ChartDeleted";

    // What Helm 3 gives as the type of a chart's configuration (helm.sh/docs/topics/registries).
    private const string HelmConfig = "application/vnd.cncf.helm.config.v1+json";

    private readonly TargetUrls _urls = new(publicUrl);

    public EventMessage? Write(RegistryEvent registryEvent)
    {
        var isDeletion = registryEvent.Action == EventAction.Delete;
        if (registryEvent.IsBlob || registryEvent.Digest is null || registryEvent.Action is not (EventAction.Push or EventAction.Delete) || (isDeletion && registryEvent.Tag is not null)) return null;
        return registryEvent.ArtifactType == HelmConfig
            ? ToMessage(registryEvent, isDeletion ? ChartDeleted : ChartPushed, Join(ChartName(registryEvent), ChartVersion(registryEvent)), WriteChart)
            : ToMessage(registryEvent, isDeletion ? ImageDeleted : ImagePushed, Join(registryEvent.Repository.ToString(), registryEvent.Tag?.ToString()), WriteImage);
    }

    private EventMessage ToMessage(RegistryEvent registryEvent, string type, string subject, Action<Utf8JsonWriter, RegistryEvent> writeData) => new("application/json", EventJson.ToBytes(json =>
    {
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("id", registryEvent.Id);
        EventJson.WriteText(json, "topic", topic);
        json.WriteString("subject", subject);
        json.WriteString("eventType", type);
        json.WriteString("eventTime", EventJson.Format(registryEvent.Time));
        json.WriteStartObject("data");
        json.WriteString("id", registryEvent.Id);
        json.WriteString("timestamp", EventJson.Format(registryEvent.Time));
        writeData(json, registryEvent);
        json.WriteEndObject();
        json.WriteString("dataVersion", "1.0");
        json.WriteString("metadataVersion", "1");
        json.WriteEndObject();
        json.WriteEndArray();
    }));

    private void WriteImage(Utf8JsonWriter json, RegistryEvent registryEvent)
    {
        json.WriteString("action", EventJson.Name(registryEvent.Action));
        json.WriteStartObject("target");
        EventJson.WriteTarget(json, registryEvent with { References = [] }, _urls.Find(registryEvent));
        json.WriteEndObject();
        EventJson.WriteRequest(json, registryEvent.Origin);
        if (registryEvent.Origin.Actor is not null) EventJson.WriteActor(json, registryEvent.Origin);
    }

    private static void WriteChart(Utf8JsonWriter json, RegistryEvent registryEvent)
    {
        json.WriteString("action", "chart_" + EventJson.Name(registryEvent.Action));
        json.WriteStartObject("target");
        EventJson.WriteContent(json, registryEvent.MediaType, registryEvent.Digest, registryEvent.Size);
        json.WriteString("repository", registryEvent.Repository.ToString());
        EventJson.WriteText(json, "tag", registryEvent.Tag?.ToString());
        json.WriteString("name", ChartName(registryEvent));
        EventJson.WriteText(json, "version", ChartVersion(registryEvent));
        json.WriteEndObject();
    }

    // Helm pushes a chart to a repository whose last part is the chart's name, by a tag that is its version, with '_' for the '+' that no tag can have.
    private static string ChartName(RegistryEvent registryEvent) => registryEvent.Repository.ToString().Split('/')[^1];

    private static string? ChartVersion(RegistryEvent registryEvent) => registryEvent.Tag?.ToString().Replace('_', '+');

    private static string Join(string name, string? version) => version is null ? name : $"{name}:{version}";
}
