using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>
/// What an OCI image layout consists of (OCI image specification 1.1.1, image-layout.md):
/// <code>
///   oci-layout            says which version it is
///   index.json            the images; a name is an annotation of its entry
///   blobs/sha256/HEX      manifests, configs and layers
/// </code>
/// </summary>
internal static class LayoutPaths
{
    public const string Marker = "oci-layout";
    public const string Index = "index.json";
    public const string Version = "1.0.0";

    /// <summary>Where tools keep the tag of an entry of index.json.</summary>
    public const string NameAnnotation = "org.opencontainers.image.ref.name";

    /// <summary>The file of a blob or a manifest. A digest has no characters that could lead out of the folder.</summary>
    public static string Of(Digest digest) => $"blobs/{digest.ToString().Replace(':', '/')}";

    /// <summary>The tag of an entry of index.json, if it is one; null when it has none.</summary>
    public static string? NameOf(Descriptor entry) => entry.Annotations?.GetValueOrDefault(NameAnnotation);
}
