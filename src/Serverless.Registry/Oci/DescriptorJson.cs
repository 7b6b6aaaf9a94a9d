using System.Buffers;
using System.Text.Json;

namespace Serverless.Registry.Oci;

/// <summary>Writes descriptors as the OCI image specification 1.1.1, descriptor.md, has them.</summary>
internal static class DescriptorJson
{
    public static byte[] ToBytes(Descriptor descriptor)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer)) Write(json, descriptor);
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

    public static void WriteAnnotations(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>>? annotations)
    {
        if (annotations is null || !annotations.Any()) return;
        json.WriteStartObject("annotations");
        foreach (var (name, value) in annotations) json.WriteString(name, value);
        json.WriteEndObject();
    }
}
