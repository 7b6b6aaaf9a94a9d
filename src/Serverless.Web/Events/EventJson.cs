using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;

namespace Serverless.Web.Events;

/// <summary>What the formats write alike: the fields of distribution's notifications (notifications/event.go, v3.0.0), of which ACR's are a part.</summary>
internal static class EventJson
{
    // A type such as application/x+json is written with its plus sign, as everybody writes it. None of this is ever part of a web page.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] ToBytes(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options)) write(json);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The word of an action.</summary>
    public static string Name(EventAction action) => action switch
    {
        EventAction.Push => "push",
        EventAction.Pull => "pull",
        EventAction.Mount => "mount",
        EventAction.Delete => "delete",
        EventAction.Quota => "quota",
        _ => throw new ArgumentOutOfRangeException(nameof(action)),
    };

    /// <summary>A time as RFC 3339 has it, in UTC, without zeros at the end of the fraction, as Go writes it.</summary>
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture);

    /// <summary>A text, unless there is none: Go's <c>omitempty</c>.</summary>
    public static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value)) json.WriteString(name, value);
    }

    /// <summary>The fields of a descriptor, in Go's order.</summary>
    public static void WriteContent(Utf8JsonWriter json, string? mediaType, Digest? digest, long? size)
    {
        WriteText(json, "mediaType", mediaType);
        if (size is > 0) json.WriteNumber("size", size.Value);
        WriteText(json, "digest", digest?.ToString());
    }

    /// <summary>The fields of a target.</summary>
    /// <param name="json">Where to.</param>
    /// <param name="registryEvent">The event.</param>
    /// <param name="url">The address of what the event is about; null when unknown.</param>
    public static void WriteTarget(Utf8JsonWriter json, RegistryEvent registryEvent, string? url)
    {
        WriteContent(json, registryEvent.MediaType, registryEvent.Digest, registryEvent.Size);
        if (registryEvent.Size is > 0) json.WriteNumber("length", registryEvent.Size.Value);
        json.WriteString("repository", registryEvent.Repository.ToString());
        WriteText(json, "fromRepository", registryEvent.FromRepository?.ToString());
        WriteText(json, "url", url);
        WriteText(json, "tag", registryEvent.Tag?.ToString());
        if (registryEvent.References.Count == 0) return;
        json.WriteStartArray("references");
        foreach (var reference in registryEvent.References) WriteReference(json, reference);
        json.WriteEndArray();
    }

    /// <summary>The request; id, method and user agent are there even when they are empty.</summary>
    public static void WriteRequest(Utf8JsonWriter json, ChangeOrigin origin)
    {
        json.WriteStartObject("request");
        json.WriteString("id", origin.RequestId ?? "");
        WriteText(json, "addr", origin.Address);
        WriteText(json, "host", origin.Host);
        json.WriteString("method", origin.Method ?? "");
        json.WriteString("useragent", origin.UserAgent ?? "");
        json.WriteEndObject();
    }

    public static void WriteActor(Utf8JsonWriter json, ChangeOrigin origin)
    {
        json.WriteStartObject("actor");
        WriteText(json, "name", origin.Actor);
        json.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter json, Descriptor reference)
    {
        json.WriteStartObject();
        WriteContent(json, reference.MediaType, reference.Digest, reference.Size);
        if (reference.Urls.Count > 0)
        {
            json.WriteStartArray("urls");
            foreach (var url in reference.Urls) json.WriteStringValue(url);
            json.WriteEndArray();
        }

        if (reference.Annotations is { Count: > 0 } annotations)
        {
            json.WriteStartObject("annotations");
            foreach (var (name, value) in annotations) json.WriteString(name, value);
            json.WriteEndObject();
        }

        WriteText(json, "artifactType", reference.ArtifactType);
        json.WriteEndObject();
    }
}
