using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Rows;

/// <summary>What the rows of manifests, tags and referrers hold.</summary>
internal static class ManifestRow
{
    public const string DigestProperty = "digest";
    public const string MediaTypeProperty = "mediaType";
    public const string SizeProperty = "size";
    public const string PayloadProperty = "payload";
    public const string ActorProperty = "actor";
    public const string PushedProperty = "pushed";
    private const string ArtifactTypeProperty = "artifactType";
    private const string SubjectProperty = "subject";
    private const string ReferencesProperty = "references";
    private const string DescriptorProperty = "descriptor";
    public const string MirroredProperty = "mirrored";

    /// <summary>The largest payload in a manifest's row, in bytes: ten properties, which in base64 leave room for the rest of the row. Larger ones are blobs.</summary>
    public const int MaxInlinePayload = 10 * TableLimits.PropertySize;

    /// <summary>The largest payload that is copied to a tag's row, in bytes.</summary>
    public const int MaxTagPayload = TableLimits.PropertySize;

    /// <summary>The largest descriptor of a referrer, in bytes: so many are read at a time that a page of rows is a few megabytes.</summary>
    public const int MaxReferrerDescriptor = TableLimits.PropertySize;

    /// <summary>What a listing needs of a manifest.</summary>
    public static readonly string[] DescriptorProperties = [MediaTypeProperty, SizeProperty, ArtifactTypeProperty];

    /// <summary>What a listing needs of a tag.</summary>
    public static readonly string[] TagProperties = [DigestProperty, MediaTypeProperty, SizeProperty, PushedProperty];

    /// <summary>What the garbage collector needs of a manifest.</summary>
    public static readonly string[] CollectorProperties = [SubjectProperty, ReferencesProperty, MirroredProperty];

    /// <param name="manifest">The manifest.</param>
    /// <param name="isMirrored">Whether what it names need not be here: its source has it.</param>
    public static Dictionary<string, object> OfManifest(Manifest manifest, bool isMirrored)
    {
        var properties = new Dictionary<string, object> { [MediaTypeProperty] = manifest.MediaType, [SizeProperty] = (long)manifest.Payload.Length };
        if (isMirrored) properties[MirroredProperty] = true;
        if (manifest.Content.ArtifactType is { } artifactType) properties[ArtifactTypeProperty] = Cut(artifactType);
        if (manifest.Content.Subject is { } subject) properties[SubjectProperty] = subject.Digest.ToString();
        // For the collector, which then need not read the payload. A list that does not fit is left out, and the payload is read.
        var references = ReferenceList.Encode(References(manifest));
        if (references.Length <= TableLimits.PropertySize) properties[ReferencesProperty] = references;
        if (manifest.Payload.Length <= MaxInlinePayload) LargeBinary.Write(properties, PayloadProperty, manifest.Payload.Span);
        return properties;
    }

    /// <param name="descriptor">What the tag points at.</param>
    /// <param name="payload">The manifest's content; null where it is not at hand.</param>
    /// <param name="pushed">When, by the clock of storage. The row's Timestamp will not do: it is lost when tables are copied or restored.</param>
    /// <param name="isMirrored">Whether it is there because it is in another registry.</param>
    public static Dictionary<string, object> OfTag(Descriptor descriptor, ReadOnlyMemory<byte>? payload, DateTimeOffset pushed, bool isMirrored = false)
    {
        var properties = OfDescriptor(descriptor);
        if (isMirrored) properties[MirroredProperty] = true;
        properties[PushedProperty] = RowTime.Format(pushed);
        if (payload is { Length: <= MaxTagPayload } small) properties[PayloadProperty] = small.ToArray();
        return properties;
    }

    public static Dictionary<string, object> OfMove(Descriptor descriptor, string? actor)
    {
        var properties = OfDescriptor(descriptor);
        if (actor is not null) properties[ActorProperty] = actor;
        return properties;
    }

    /// <summary>
    /// The descriptor of a referrer as it stands in lists, annotations and all. The specification demands them there, so that what is too large to be listed is refused, and not cut.
    /// </summary>
    /// <exception cref="RegistryException">MANIFEST_INVALID: it is too large.</exception>
    public static byte[] DescribeReferrer(Manifest manifest) => DescriptorJson.ToBytes(manifest.Descriptor) is { Length: <= MaxReferrerDescriptor } descriptor
        ? descriptor
        : throw new RegistryException(
            RegistryError.ManifestInvalid,
            $"the descriptor of a manifest with a subject, which is listed with its annotations, may have {MaxReferrerDescriptor} bytes; keep what is longer in a layer");

    /// <exception cref="RegistryException">MANIFEST_INVALID: its descriptor is too large.</exception>
    public static Dictionary<string, object> OfReferrer(Manifest manifest)
    {
        var descriptor = DescribeReferrer(manifest);
        var properties = new Dictionary<string, object>();
        if (manifest.Content.ArtifactType is { } artifactType) properties[ArtifactTypeProperty] = Cut(artifactType);
        LargeBinary.Write(properties, DescriptorProperty, descriptor);
        return properties;
    }

    public static ReadOnlyMemory<byte> ReferrerDescriptor(TableRow row) =>
        LargeBinary.Find(row, DescriptorProperty) ?? throw new InvalidDataException($"The referrer row {row.Key.Row} has no descriptor.");

    public static Descriptor Describe(TableRow row, Digest digest) =>
        new(row.GetString(MediaTypeProperty), digest, row.GetInt64(SizeProperty)) { ArtifactType = row.FindString(ArtifactTypeProperty) };

    /// <summary>Whether the payload is in the row; otherwise it is a blob.</summary>
    public static bool HoldsPayload(TableRow row) => LargeBinary.Find(row, PayloadProperty) is not null;

    public static string? ArtifactType(TableRow row) => row.FindString(ArtifactTypeProperty);

    public static Digest TagDigest(TableRow row) => Digest.Parse(row.GetString(DigestProperty));

    public static Digest? Subject(TableRow row) => row.FindString(SubjectProperty) is { } subject ? Digest.Parse(subject) : null;

    /// <summary>Whether a manifest or a tag came from another registry, so that it need not be kept, and what the manifest names need not be here.</summary>
    public static bool IsMirrored(TableRow row) => row.Properties.GetValueOrDefault(MirroredProperty) is true;

    /// <summary>What the manifest names, as <see cref="ReferenceList"/>; null when the list did not fit into the row.</summary>
    public static ReadOnlyMemory<byte>? FindReferenceList(TableRow row) => row.FindBytes(ReferencesProperty) is { } list ? list.AsMemory() : default(ReadOnlyMemory<byte>?);

    /// <summary>What the manifest names; null when the list did not fit into the row.</summary>
    public static IReadOnlyList<Digest>? FindReferences(TableRow row) => row.FindBytes(ReferencesProperty) is { } list ? ReferenceList.Decode(list) : null;

    private static Dictionary<string, object> OfDescriptor(Descriptor descriptor) => new()
    {
        [DigestProperty] = descriptor.Digest.ToString(),
        [MediaTypeProperty] = descriptor.MediaType,
        [SizeProperty] = descriptor.Size,
    };

    // A payload too large for the row is a blob, which the manifest then holds on to like a layer.
    private static IEnumerable<Digest> References(Manifest manifest)
    {
        var named = manifest.References.Select(r => r.Digest);
        return manifest.Payload.Length <= MaxInlinePayload ? named : named.Append(manifest.Digest);
    }

    // Types are short; what somebody makes longer than a property is only cut in the copies that listings filter by.
    private static string Cut(string text) => text.Length <= 1024 ? text : text[..(char.IsHighSurrogate(text[1023]) ? 1023 : 1024)];
}
