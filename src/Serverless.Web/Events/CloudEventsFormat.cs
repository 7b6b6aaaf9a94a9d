using System.Globalization;
using System.Text;
using System.Text.Json;
using Serverless.Registry.Events;

namespace Serverless.Web.Events;

/// <summary>
/// CloudEvents 1.0.2: one event in a request, with the attributes in the body (structured mode) or in headers (binary mode, HTTP protocol binding 3.1). The data is the same in both:
/// <code>
///   {"action": "push",
///    "target":  {"mediaType", "size", "digest", "length", "repository", "fromRepository", "url", "tag", "references": [descriptors], "artifactType"},
///    "request": {"id", "addr", "host", "method", "useragent"},
///    "actor":   {"name"}}
/// </code>
/// with distribution's meanings, and the same left out when it is empty.
/// </summary>
/// <remarks>A signature is of the body: in binary mode it proves nothing of the attributes but the id, which is signed as <c>webhook-id</c>.</remarks>
/// <param name="source">What events come from; null: the public URL, or <see cref="DefaultSource"/>.</param>
/// <param name="publicUrl">The address below which clients find <c>v2</c>; null: none is configured.</param>
/// <param name="isBinary">Whether attributes are in headers.</param>
internal sealed class CloudEventsFormat(string? source, Uri? publicUrl, bool isBinary) : IEventFormat
{
    /// <summary>The source of a registry that nobody has said the address of.</summary>
    public const string DefaultSource = "urn:serverless-registry";

    private const string StructuredType = "application/cloudevents+json";
    private const string DataType = "application/json";

    private readonly string _source = source ?? publicUrl?.AbsoluteUri ?? DefaultSource;
    private readonly TargetUrls _urls = new(publicUrl);

    public EventMessage Write(RegistryEvent registryEvent) => isBinary ? WriteBinary(registryEvent) : WriteStructured(registryEvent);

    /// <summary>A value as the HTTP protocol binding writes it in a header (3.1.3.2): all but printable ASCII, and the space, the quote and the percent sign, as percent-encoded UTF-8.</summary>
    internal static string Encode(string value)
    {
        if (value.All(IsPlain)) return value;
        var encoded = new StringBuilder();
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.IsAscii && IsPlain((char)rune.Value)) encoded.Append((char)rune.Value);
            else foreach (var unit in Encoding.UTF8.GetBytes(rune.ToString())) encoded.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
        }

        return encoded.ToString();
    }

    private static bool IsPlain(char c) => c is > ' ' and <= '~' and not '"' and not '%';

    private EventMessage WriteBinary(RegistryEvent registryEvent) => new(DataType, EventJson.ToBytes(json => WriteData(json, registryEvent)))
    {
        Headers = [.. Attributes(registryEvent).Select(a => KeyValuePair.Create("ce-" + a.Key, Encode(a.Value)))],
    };

    private EventMessage WriteStructured(RegistryEvent registryEvent) => new(StructuredType, EventJson.ToBytes(json =>
    {
        json.WriteStartObject();
        foreach (var (name, value) in Attributes(registryEvent)) json.WriteString(name, value);
        json.WriteString("datacontenttype", DataType);
        json.WritePropertyName("data");
        WriteData(json, registryEvent);
        json.WriteEndObject();
    }));

    private IEnumerable<KeyValuePair<string, string>> Attributes(RegistryEvent registryEvent) =>
    [
        new("specversion", "1.0"),
        new("id", registryEvent.Id),
        new("source", _source),
        new("type", CloudEventType.Of(registryEvent)),
        new("time", EventJson.Format(registryEvent.Time)),
        new("subject", Subject(registryEvent)),
    ];

    // As clients write it.
    private static string Subject(RegistryEvent registryEvent) =>
        registryEvent.Tag is { } tag ? $"{registryEvent.Repository}:{tag}" : registryEvent.Digest is { } digest ? $"{registryEvent.Repository}@{digest}" : registryEvent.Repository.ToString();

    private void WriteData(Utf8JsonWriter json, RegistryEvent registryEvent)
    {
        json.WriteStartObject();
        json.WriteString("action", EventJson.Name(registryEvent.Action));
        json.WriteStartObject("target");
        EventJson.WriteTarget(json, registryEvent, _urls.Find(registryEvent));
        EventJson.WriteText(json, "artifactType", registryEvent.ArtifactType);
        json.WriteEndObject();
        EventJson.WriteRequest(json, registryEvent.Origin);
        EventJson.WriteActor(json, registryEvent.Origin);
        json.WriteEndObject();
    }
}
