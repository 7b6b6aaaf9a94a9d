namespace Serverless.Registry.Oci;

/// <summary>What a manifest is, in a word for people. Types that nobody here has heard of are artifacts.</summary>
public static class ArtifactKinds
{
    /// <summary>A container image.</summary>
    public const string Image = "image";

    /// <summary>A list of images, such as one for each platform.</summary>
    public const string Index = "index";

    /// <summary>What proves how or from what an image was made.</summary>
    public const string Attestation = "attestation";

    // BuildKit's mark on those children of an index that are attestations of the others.
    private const string ReferenceType = "vnd.docker.reference.type";

    // The beginning of a type, and its word.
    private static readonly (string Type, string Kind)[] s_kinds =
    [
        ("application/vnd.oci.image.config.", Image),
        ("application/vnd.docker.container.image.", Image),
        ("application/vnd.cncf.helm.config.", "Helm chart"),
        ("application/vnd.dev.cosign.simplesigning.", "signature"),
        ("application/vnd.dev.cosign.artifact.sig.", "signature"),
        ("application/vnd.cncf.notary.signature", "signature"),
        ("application/vnd.dev.cosign.artifact.sbom.", "SBOM"),
        ("application/spdx", "SBOM"),
        ("text/spdx", "SBOM"),
        ("application/vnd.cyclonedx", "SBOM"),
        ("application/vnd.syft", "SBOM"),
        ("application/vnd.in-toto", Attestation),
        ("application/vnd.dsse.envelope.", Attestation),
        ("application/vnd.dev.sigstore.bundle", Attestation),
        ("application/sarif", "scan report"),
        ("application/vnd.wasm.", "WebAssembly module"),
        ("application/vnd.buildkit.cacheconfig.", "build cache"),
    ];

    /// <summary>The word for a descriptor. One that does not say what kind of artifact it is of is taken for an image.</summary>
    public static string Of(Descriptor descriptor) =>
        descriptor.Annotations?.GetValueOrDefault(ReferenceType) == "attestation-manifest" ? Attestation : Of(descriptor.MediaType, descriptor.ArtifactType);

    /// <summary>The word for a manifest's type and that of its artifact.</summary>
    /// <param name="mediaType">The type of the manifest.</param>
    /// <param name="artifactType">The type of the artifact; null when there is none.</param>
    public static string Of(string mediaType, string? artifactType)
    {
        if (artifactType is null) return mediaType is MediaTypes.OciIndex or MediaTypes.DockerManifestList ? Index : Image;
        foreach (var (type, kind) in s_kinds)
        {
            if (artifactType.StartsWith(type, StringComparison.OrdinalIgnoreCase)) return kind;
        }

        return "artifact";
    }
}
