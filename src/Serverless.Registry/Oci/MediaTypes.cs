namespace Serverless.Registry.Oci;

/// <summary>Media types that have a meaning to the registry (OCI image specification 1.1.1, media-types.md; Docker image manifest V2, schema 2).</summary>
public static class MediaTypes
{
    /// <summary>An OCI image manifest, also used by artifacts.</summary>
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";

    /// <summary>An OCI image index.</summary>
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    /// <summary>A Docker image manifest, schema 2.</summary>
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

    /// <summary>A Docker manifest list.</summary>
    public const string DockerManifestList = "application/vnd.docker.distribution.manifest.list.v2+json";

    /// <summary>A Docker schema 1 manifest, which the registry refuses.</summary>
    public const string DockerManifestSchema1 = "application/vnd.docker.distribution.manifest.v1+json";

    /// <summary>A signed Docker schema 1 manifest, which the registry refuses.</summary>
    public const string DockerManifestSchema1Signed = "application/vnd.docker.distribution.manifest.v1+prettyjws";

    /// <summary>Bytes without a type of their own; the type of every blob.</summary>
    public const string OctetStream = "application/octet-stream";

    /// <summary>The configuration of an image.</summary>
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";

    /// <summary>A gzip-compressed layer.</summary>
    public const string OciLayerGzip = "application/vnd.oci.image.layer.v1.tar+gzip";

    /// <summary>
    /// Whether a layer of this type may be left at its <c>urls</c> instead of being pushed: OCI's non-distributable layers and Docker's foreign layers.
    /// </summary>
    public static bool IsNonDistributable(string mediaType) =>
        mediaType.StartsWith("application/vnd.oci.image.layer.nondistributable.v1.tar", StringComparison.OrdinalIgnoreCase)
        || mediaType.StartsWith("application/vnd.docker.image.rootfs.foreign.diff.tar", StringComparison.OrdinalIgnoreCase);
}
