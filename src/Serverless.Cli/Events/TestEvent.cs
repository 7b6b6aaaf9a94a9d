using Serverless.Registry.Delivery;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;

namespace Serverless.Cli.Events;

/// <summary>An event that has not happened, by which an endpoint is tried out: the push of an image by a tag, to a repository that nobody has.</summary>
internal static class TestEvent
{
    private static readonly RepositoryName s_repository = RepositoryName.Parse("registry-test/events");
    private static readonly Tag s_tag = Tag.Parse("test");

    // The empty descriptor of OCI (image specification 1.1.1, manifest.md, "Guidance for an Empty Descriptor"): a digest and a size that fit each other.
    private static readonly Descriptor s_content = new(MediaTypes.OciManifest, Digest.Compute(DigestAlgorithm.Sha256, "{}"u8), 2);

    /// <summary>A new one, with all that the endpoint asks for.</summary>
    public static RegistryEvent New(EndpointOptions options, DateTimeOffset time) => new()
    {
        Id = Guid.CreateVersion7(time).ToString(),
        Time = time,
        Action = EventAction.Push,
        Repository = s_repository,
        Digest = s_content.Digest,
        MediaType = s_content.MediaType,
        Size = s_content.Size,
        ArtifactType = MediaTypes.OciConfig,
        Tag = s_tag,
        Origin = ChangeOrigin.Of("events test"),
        References = options.IncludeReferences ? [s_content with { MediaType = MediaTypes.OciConfig }] : [],
    };
}
