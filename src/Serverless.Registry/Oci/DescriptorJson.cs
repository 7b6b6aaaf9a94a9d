using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Serverless.Registry.Oci;

/// <summary>Writes and reads descriptors as the OCI image specification 1.1.1, descriptor.md, has them.</summary>
internal static class DescriptorJson
{
    // A type such as application/x+json is written with its plus sign, as everybody writes it. None of this is ever part of a web page.
    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] ToBytes(Descriptor descriptor)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_options)) Write(json, descriptor);
        return buffer.WrittenSpan.ToArray();
    }

    public static void Write(Utf8JsonWriter json, Descriptor descriptor)
    {
        json.WriteStartObject();
        json.WriteString("mediaType", descriptor.MediaType);
        json.WriteString("digest", descriptor.Digest.ToString());
        json.WriteNumber("size", descriptor.Size);
        if (descriptor.Urls.Count > 0)
        {
            json.WriteStartArray("urls");
            foreach (var url in descriptor.Urls) json.WriteStringValue(url);
            json.WriteEndArray();
        }

        WriteAnnotations(json, descriptor.Annotations);
        if (descriptor.ArtifactType is not null) json.WriteString("artifactType", descriptor.ArtifactType);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="ToBytes"/> has written.</summary>
    public static Descriptor Read(ReadOnlyMemory<byte> descriptor)
    {
        using var json = JsonDocument.Parse(descriptor);
        var root = json.RootElement;
        return new Descriptor(root.GetProperty("mediaType").GetString()!, Digest.Parse(root.GetProperty("digest").GetString()!), root.GetProperty("size").GetInt64())
        {
            ArtifactType = root.TryGetProperty("artifactType", out var type) ? type.GetString() : null,
            Annotations = root.TryGetProperty("annotations", out var annotations) ? annotations.EnumerateObject().ToDictionary(a => a.Name, a => a.Value.GetString()!) : null,
        };
    }

    public static void WriteAnnotations(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>>? annotations)
    {
        if (annotations is null || !annotations.Any()) return;
        json.WriteStartObject("annotations");
        foreach (var (name, value) in annotations) json.WriteString(name, value);
        json.WriteEndObject();
    }
}
