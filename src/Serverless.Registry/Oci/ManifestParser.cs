using System.Text.Json;

namespace Serverless.Registry.Oci;

/// <summary>Reads the four manifest types. Unknown fields are left alone; what the registry relies on must be well-formed.</summary>
internal static class ManifestParser
{
    public static ManifestContent ParseImage(JsonElement root)
    {
        JsonNames.Root.Check(root);
        if (root.TryGetProperty("manifests", out _)) throw Invalid("an image manifest cannot have 'manifests'");
        var config = ReadDescriptor(Property(root, "config", JsonValueKind.Object) ?? throw Invalid("an image manifest needs a 'config'"));
        var layers = ReadDescriptors(root, "layers", isLenient: true);
        return new ManifestContent
        {
            Blobs = [config, .. layers],
            Config = config,
            Subject = Property(root, "subject", JsonValueKind.Object) is { } subject ? ReadDescriptor(subject) : null,
            ArtifactType = ReadString(root, "artifactType") is { Length: > 0 } type ? type : config.MediaType,
            Annotations = ReadAnnotations(root),
        };
    }

    public static ManifestContent ParseIndex(JsonElement root)
    {
        JsonNames.Root.Check(root);
        if (root.TryGetProperty("layers", out _)) throw Invalid("an image index cannot have 'layers'");
        if (root.TryGetProperty("config", out _)) throw Invalid("an image index cannot have a 'config'");
        if (!root.TryGetProperty("manifests", out _)) throw Invalid("an image index needs 'manifests'");
        return new ManifestContent
        {
            Manifests = ReadDescriptors(root, "manifests"),
            Subject = Property(root, "subject", JsonValueKind.Object) is { } subject ? ReadDescriptor(subject) : null,
            ArtifactType = ReadString(root, "artifactType") is { Length: > 0 } type ? type : null,
            Annotations = ReadAnnotations(root),
        };
    }

    public static ManifestContent ParseDockerImage(JsonElement root)
    {
        RequireMediaType(root);
        return ParseImage(root);
    }

    public static ManifestContent ParseDockerList(JsonElement root)
    {
        RequireMediaType(root);
        return ParseIndex(root);
    }

    /// <summary>The one type that header and body agree on. A body that can be read as two types is how one digest comes to mean two things.</summary>
    public static string AgreeOnMediaType(string? sent, JsonElement root)
    {
        // Some clients write an empty text for none.
        var said = ReadString(root, "mediaType") is { Length: > 0 } text ? text : null;
        if (sent?.ToLowerInvariant() is MediaTypes.DockerManifestSchema1 or MediaTypes.DockerManifestSchema1Signed
            || (root.TryGetProperty("schemaVersion", out var old) && old.ValueKind == JsonValueKind.Number && old.TryGetInt32(out var one) && one == 1))
        {
            throw Invalid("Docker schema 1 manifests are not supported; push the image again with a current client");
        }

        if (!root.TryGetProperty("schemaVersion", out var version) || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out var number) || number != 2)
        {
            throw Invalid("'schemaVersion' must be 2");
        }

        if (sent is null && said is null) throw Invalid("the manifest's media type is neither in Content-Type nor in the body");
        if (sent is not null && said is not null && !sent.Equals(said, StringComparison.OrdinalIgnoreCase)) throw Invalid("'mediaType' and Content-Type do not agree", said);
        return sent ?? said!;
    }

    public static RegistryException Invalid(string reason, object? detail = null) => new(RegistryError.ManifestInvalid, reason, detail);

    private static void RequireMediaType(JsonElement root)
    {
        if (ReadString(root, "mediaType") is not { Length: > 0 }) throw Invalid("a Docker manifest must say its 'mediaType'");
    }

    private static List<Descriptor> ReadDescriptors(JsonElement root, string name, bool isLenient = false)
    {
        // Go clients write an empty list as null.
        if (Property(root, name, JsonValueKind.Array) is not { } array) return [];
        var descriptors = new List<Descriptor>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray()) descriptors.Add(ReadDescriptor(item, isLenient));
        return descriptors;
    }

    // Of a layer only the digest is needed, by the registry and by those who pull: docker and containerd take a length that is not said from the answer, and tell compression by the first bytes.
    private static Descriptor ReadDescriptor(JsonElement item, bool isLenient = false)
    {
        if (item.ValueKind != JsonValueKind.Object) throw Invalid("a descriptor is not an object");
        JsonNames.Descriptor.Check(item);
        var mediaType = ReadString(item, "mediaType") is { Length: > 0 } said ? said : isLenient ? MediaTypes.OctetStream : throw Invalid("a descriptor needs a 'mediaType'");
        if (!Digest.TryParse(ReadString(item, "digest"), out var digest)) throw Invalid("a descriptor needs a sha256 or sha512 'digest'");
        var bytes = 0L;
        var isSaid = item.TryGetProperty("size", out var size) && size.ValueKind != JsonValueKind.Null;
        if (isSaid ? size.ValueKind != JsonValueKind.Number || !size.TryGetInt64(out bytes) || bytes < 0 : !isLenient) throw Invalid("a descriptor needs a 'size' in bytes", digest.ToString());

        var platform = Property(item, "platform", JsonValueKind.Object);
        return new Descriptor(mediaType, digest, bytes)
        {
            ArtifactType = ReadString(item, "artifactType"),
            Urls = ReadUrls(item),
            Platform = platform is { } where ? ReadPlatform(where) : null,
            Variant = platform is { } of && of.TryGetProperty("variant", out var variant) && variant.ValueKind == JsonValueKind.String ? variant.GetString() : null,
            Annotations = ReadAnnotations(item),
        };
    }

    private static string ReadPlatform(JsonElement platform)
    {
        JsonNames.Platform.Check(platform);
        return $"{ReadString(platform, "os")}/{ReadString(platform, "architecture")}";
    }

    private static List<string> ReadUrls(JsonElement item)
    {
        if (Property(item, "urls", JsonValueKind.Array) is not { } array) return [];
        var urls = new List<string>(array.GetArrayLength());
        foreach (var url in array.EnumerateArray())
        {
            if (url.ValueKind != JsonValueKind.String) throw Invalid("'urls' must hold strings");
            urls.Add(url.GetString()!);
        }

        return urls;
    }

    private static Dictionary<string, string>? ReadAnnotations(JsonElement item)
    {
        if (Property(item, "annotations", JsonValueKind.Object) is not { } map) return null;
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in map.EnumerateObject())
        {
            // Go clients read null as an empty text.
            if (pair.Value.ValueKind is not (JsonValueKind.String or JsonValueKind.Null)) throw Invalid("'annotations' must hold strings", pair.Name);
            annotations.Add(pair.Name, pair.Value.GetString() ?? "");
        }

        return annotations.Count == 0 ? null : annotations;
    }

    private static string? ReadString(JsonElement item, string name) => Property(item, name, JsonValueKind.String)?.GetString();

    private static JsonElement? Property(JsonElement item, string name, JsonValueKind kind)
    {
        if (!item.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == kind ? value : throw Invalid($"'{name}' has the wrong JSON type");
    }
}
