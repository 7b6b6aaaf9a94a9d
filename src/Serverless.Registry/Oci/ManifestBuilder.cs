using System.Buffers;
using System.Text.Json;

namespace Serverless.Registry.Oci;

/// <summary>Builds an OCI image manifest or an OCI image index, and the bytes of either.</summary>
public sealed class ManifestBuilder
{
    private readonly string _mediaType;
    private readonly Descriptor? _config;
    private readonly List<Descriptor> _references = [];

    private ManifestBuilder(string mediaType, Descriptor? config)
    {
        _mediaType = mediaType;
        _config = config;
    }

    /// <summary>The type of the artifact; left out when null.</summary>
    public string? ArtifactType { get; set; }

    /// <summary>The manifest that the new one refers to; left out when null.</summary>
    public Descriptor? Subject { get; set; }

    /// <summary>Annotations; left out when empty.</summary>
    public IDictionary<string, string> Annotations { get; } = new SortedDictionary<string, string>(StringComparer.Ordinal);

    /// <summary>What the manifest names so far: the config first, then layers or children in the order in which they came.</summary>
    public IReadOnlyList<Descriptor> References => _config is null ? _references : [_config, .. _references];

    /// <summary>A builder of an image manifest, whose references are layers.</summary>
    public static ManifestBuilder ForImage(Descriptor config) => new(MediaTypes.OciManifest, config);

    /// <summary>A builder of an image index, whose references are manifests.</summary>
    public static ManifestBuilder ForIndex() => new(MediaTypes.OciIndex, null);

    /// <summary>Adds a layer or a child.</summary>
    public ManifestBuilder Append(Descriptor reference)
    {
        _references.Add(reference);
        return this;
    }

    /// <summary>The manifest and its bytes: compact JSON in UTF-8.</summary>
    public Manifest Build()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 2);
            json.WriteString("mediaType", _mediaType);
            if (ArtifactType is not null) json.WriteString("artifactType", ArtifactType);
            if (_config is not null)
            {
                json.WritePropertyName("config");
                DescriptorJson.Write(json, _config);
            }

            json.WriteStartArray(_config is null ? "manifests" : "layers");
            foreach (var reference in _references) DescriptorJson.Write(json, reference);
            json.WriteEndArray();
            if (Subject is not null)
            {
                json.WritePropertyName("subject");
                DescriptorJson.Write(json, Subject);
            }

            DescriptorJson.WriteAnnotations(json, Annotations);
            json.WriteEndObject();
        }

        return ManifestTypes.Default.Parse(_mediaType, buffer.WrittenMemory.ToArray());
    }
}
