using System.Collections.Frozen;
using System.Text.Json;

namespace Serverless.Registry.Oci;

/// <summary>
/// The names that clients read in one kind of JSON object. Most clients are written in Go, whose decoder takes a name in any case, by simple Unicode folding, and of several the last one: to it
/// <c>Layers</c> is <c>layers</c>. The registry reads names exactly. What only one of the two would read is refused, so that no manifest means one thing here and another where it is pulled.
/// </summary>
internal sealed class JsonNames
{
    /// <summary>The names of a manifest or an index (OCI image specification 1.1.1, manifest.md and image-index.md), and those by which schema 1 is told.</summary>
    public static readonly JsonNames Root = new(
        "schemaVersion", "mediaType", "artifactType", "config", "layers", "manifests", "subject", "annotations", "fsLayers", "history", "signatures");

    /// <summary>The names of a descriptor (descriptor.md).</summary>
    public static readonly JsonNames Descriptor = new("mediaType", "digest", "size", "urls", "annotations", "data", "artifactType", "platform");

    /// <summary>The names of a descriptor's platform (image-index.md).</summary>
    public static readonly JsonNames Platform = new("architecture", "os", "os.version", "os.features", "variant", "features");

    private readonly FrozenSet<string> _names;
    private readonly FrozenDictionary<string, string> _folded;

    private JsonNames(params string[] names)
    {
        _names = names.ToFrozenSet(StringComparer.Ordinal);
        _folded = names.ToFrozenDictionary(Fold, StringComparer.Ordinal);
    }

    /// <summary>Refuses an object with a name that is one of these in another spelling.</summary>
    /// <exception cref="RegistryException">MANIFEST_INVALID.</exception>
    public void Check(JsonElement item)
    {
        foreach (var property in item.EnumerateObject())
        {
            if (_names.Contains(property.Name) || !_folded.TryGetValue(Fold(property.Name), out var meant)) continue;
            throw ManifestParser.Invalid($"the name '{property.Name}' is read as '{meant}' by some clients and not by others; names are spelled exactly", property.Name);
        }
    }

    // Of all characters beyond ASCII two fold to one of its letters: the long s and the Kelvin sign.
    private static string Fold(string name) => name.Replace('\u017f', 's').Replace('\u212a', 'k').ToLowerInvariant();
}
