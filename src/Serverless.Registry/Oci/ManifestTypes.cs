using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Unicode;

namespace Serverless.Registry.Oci;

/// <summary>
/// The manifest types that a registry accepts, each with the parser of its bytes. <see cref="Default"/> holds the four of today's clients; a registry
/// of another kind adds its own with <see cref="With"/>.
/// </summary>
public sealed class ManifestTypes
{
    private const int MaxDepth = 32;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = MaxDepth };

    // Whatever case a type is sent in (RFC 9110, section 8.3.1), it is kept and served as it is written here.
    private readonly FrozenDictionary<string, (string Type, Func<JsonElement, ManifestContent> Parser)> _parsers;

    private ManifestTypes(IEnumerable<KeyValuePair<string, Func<JsonElement, ManifestContent>>> parsers) =>
        _parsers = parsers.ToFrozenDictionary(p => p.Key, p => (p.Key, p.Value), StringComparer.OrdinalIgnoreCase);

    /// <summary>OCI manifest and index, Docker schema 2 manifest and list.</summary>
    public static ManifestTypes Default { get; } = new(
    [
        new(MediaTypes.OciManifest, ManifestParser.ParseImage),
        new(MediaTypes.OciIndex, ManifestParser.ParseIndex),
        new(MediaTypes.DockerManifest, ManifestParser.ParseDockerImage),
        new(MediaTypes.DockerManifestList, ManifestParser.ParseDockerList),
    ]);

    /// <summary>The accepted media types.</summary>
    public IReadOnlyCollection<string> All => [.. _parsers.Values.Select(p => p.Type)];

    /// <summary>These types and one more.</summary>
    /// <param name="mediaType">The media type; a type that is already there gets the new parser.</param>
    /// <param name="parser">Reads the root object; throws <see cref="RegistryException"/> or <see cref="JsonException"/> for what it does not accept.</param>
    public ManifestTypes With(string mediaType, Func<JsonElement, ManifestContent> parser) =>
        new(_parsers.Values.Where(p => !p.Type.Equals(mediaType, StringComparison.OrdinalIgnoreCase)).Select(p => KeyValuePair.Create(p.Type, p.Parser)).Append(new(mediaType, parser)));

    /// <summary>Whether manifests of this type are accepted.</summary>
    public bool Contains(string mediaType) => _parsers.ContainsKey(mediaType);

    /// <summary>Reads a manifest, strictly: no duplicate properties, no comments, bounded depth.</summary>
    /// <param name="mediaType">The type it was sent as, without parameters; null when none was sent, then the body must say it.</param>
    /// <param name="payload">The bytes.</param>
    /// <param name="algorithm">The algorithm of the digest to compute.</param>
    /// <exception cref="RegistryException">MANIFEST_INVALID, with the reason.</exception>
    public Manifest Parse(string? mediaType, ReadOnlyMemory<byte> payload, DigestAlgorithm algorithm = DigestAlgorithm.Sha256)
    {
        if (!Utf8.IsValid(payload.Span)) throw ManifestParser.Invalid("the manifest is not UTF-8");
        try
        {
            using var document = JsonDocument.Parse(payload, s_strict);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) throw ManifestParser.Invalid("the manifest is not a JSON object");
            var type = ManifestParser.AgreeOnMediaType(mediaType, root);
            if (!_parsers.TryGetValue(type, out var known)) throw ManifestParser.Invalid("manifests of this media type are not accepted", type);
            return new Manifest
            {
                MediaType = known.Type,
                Payload = payload,
                Digest = Digest.Compute(algorithm, payload.Span),
                Content = known.Parser(root),
            };
        }
        catch (JsonException e)
        {
            throw new RegistryException(RegistryError.ManifestInvalid, $"the manifest cannot be taken: {JsonProblem.Describe(payload.Span, MaxDepth)}", innerException: e);
        }
        catch (InvalidOperationException e) when (e.Source?.StartsWith("System.Text.Json", StringComparison.Ordinal) == true)
        {
            // An escaped half of a surrogate pair shows itself only when the string is read.
            throw new RegistryException(RegistryError.ManifestInvalid, "the manifest holds invalid text", innerException: e);
        }
    }
}
