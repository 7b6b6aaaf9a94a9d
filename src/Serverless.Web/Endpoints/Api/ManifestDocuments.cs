using System.ComponentModel;
using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;

namespace Serverless.Web.Endpoints.Api;

/// <summary>A manifest as it is shown.</summary>
internal sealed record ManifestDocument
{
    [Description("Its digest.")]
    public required string Digest { get; init; }

    [Description("Its type.")]
    public required string MediaType { get; init; }

    [Description("What it is, in a word for people: image, index, Helm chart, signature, SBOM, attestation and so on; artifact for all others.")]
    public required string Kind { get; init; }

    [Description("The type of the artifact.")]
    public string? ArtifactType { get; init; }

    [Description("The size of the manifest in bytes.")]
    public required long Size { get; init; }

    [Description("The size of the manifest and of the different blobs that it names itself, in bytes; not what the images of an index name.")]
    public required long TotalSize { get; init; }

    [Description("The manifest that this one refers to.")]
    public string? Subject { get; init; }

    [Description("Annotations of the manifest.")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    [Description("Config and layers, in the order of the manifest.")]
    public required IReadOnlyList<PartDocument> Blobs { get; init; }

    [Description("The images of an index, in its order.")]
    public required IReadOnlyList<PartDocument> Manifests { get; init; }

    [Description("What the config of an image says; not there for whatever is no image, or where the config cannot be read.")]
    public ImageConfigDocument? Config { get; init; }

    public static ManifestDocument Of(Manifest manifest, ImageConfigDocument? config) => new()
    {
        Digest = manifest.Digest.ToString(),
        MediaType = manifest.MediaType,
        Kind = ArtifactKinds.Of(manifest.MediaType, manifest.Content.ArtifactType),
        ArtifactType = manifest.Content.ArtifactType,
        Size = manifest.Payload.Length,
        TotalSize = manifest.Payload.Length + manifest.Content.Blobs.DistinctBy(b => b.Digest).Sum(b => b.Size),
        Subject = manifest.Content.Subject?.Digest.ToString(),
        Annotations = manifest.Content.Annotations,
        Blobs = [.. manifest.Content.Blobs.Select(b => PartDocument.Of(b, null))],
        Manifests = [.. manifest.Content.Manifests.Select(m => PartDocument.Of(m, ArtifactKinds.Of(m)))],
        Config = config,
    };
}

/// <summary>Something that a manifest names.</summary>
internal sealed record PartDocument
{
    [Description("Its digest.")]
    public required string Digest { get; init; }

    [Description("Its type.")]
    public required string MediaType { get; init; }

    [Description("Its size in bytes.")]
    public required long Size { get; init; }

    [Description("What a manifest is, in a word.")]
    public string? Kind { get; init; }

    [Description("The platform that an image is for, as os/architecture or os/architecture/variant.")]
    public string? Platform { get; init; }

    [Description("Annotations of the descriptor.")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    public static PartDocument Of(Descriptor descriptor, string? kind) => new()
    {
        Digest = descriptor.Digest.ToString(),
        MediaType = descriptor.MediaType,
        Size = descriptor.Size,
        Kind = kind,
        Platform = descriptor.PlatformWithVariant,
        Annotations = descriptor.Annotations,
    };
}

/// <summary>What an image's config says (OCI image specification 1.1.1, config.md), as far as people ask for it.</summary>
internal sealed record ImageConfigDocument
{
    [Description("The platform, as os/architecture or os/architecture/variant.")]
    public string? Platform { get; init; }

    [Description("When it was built.")]
    public string? CreatedAt { get; init; }

    [Description("Who built it.")]
    public string? Author { get; init; }

    [Description("The user that it runs as.")]
    public string? User { get; init; }

    [Description("The directory that it runs in.")]
    public string? WorkingDirectory { get; init; }

    [Description("What it runs.")]
    public required IReadOnlyList<string> Entrypoint { get; init; }

    [Description("Arguments, or what it runs where there is no entrypoint.")]
    public required IReadOnlyList<string> Command { get; init; }

    [Description("The environment, as NAME=VALUE.")]
    public required IReadOnlyList<string> Environment { get; init; }

    [Description("Ports.")]
    public required IReadOnlyList<string> Ports { get; init; }

    [Description("Volumes.")]
    public required IReadOnlyList<string> Volumes { get; init; }

    [Description("Labels.")]
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    [Description("How it was built, the first step first.")]
    public required IReadOnlyList<HistoryDocument> History { get; init; }
}

/// <summary>A step of a build.</summary>
internal sealed record HistoryDocument(
    [property: Description("When.")] string? CreatedAt,
    [property: Description("By what command.")] string? CreatedBy,
    [property: Description("A comment.")] string? Comment,
    [property: Description("Whether the step made no layer.")] bool IsEmpty);

/// <summary>What refers to a manifest.</summary>
internal sealed record ReferrerTreeDocument
{
    [Description("What refers to it: signatures, SBOMs, attestations.")]
    public required IReadOnlyList<ReferrerDocument> Referrers { get; init; }

    [Description("Whether there is more than is shown.")]
    public required bool HasMore { get; init; }
}

/// <summary>Something that refers to a manifest.</summary>
internal sealed record ReferrerDocument
{
    [Description("Its digest.")]
    public required string Digest { get; init; }

    [Description("Its type.")]
    public required string MediaType { get; init; }

    [Description("What it is, in a word.")]
    public required string Kind { get; init; }

    [Description("The type of the artifact.")]
    public string? ArtifactType { get; init; }

    [Description("The size of the manifest in bytes.")]
    public required long Size { get; init; }

    [Description("Annotations.")]
    public IReadOnlyDictionary<string, string>? Annotations { get; init; }

    [Description("What refers to this in turn.")]
    public required IReadOnlyList<ReferrerDocument> Referrers { get; init; }

    public static ReferrerDocument Of(Referrer referrer, IReadOnlyList<ReferrerDocument> referrers)
    {
        var descriptor = referrer.Describe();
        return new ReferrerDocument
        {
            Digest = referrer.Digest.ToString(),
            MediaType = descriptor.MediaType,
            Kind = ArtifactKinds.Of(descriptor.MediaType, descriptor.ArtifactType),
            ArtifactType = descriptor.ArtifactType,
            Size = descriptor.Size,
            Annotations = descriptor.Annotations,
            Referrers = referrers,
        };
    }
}
