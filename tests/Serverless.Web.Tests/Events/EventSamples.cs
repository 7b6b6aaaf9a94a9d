using Serverless.Registry.Events;
using Serverless.Registry.Oci;

namespace Serverless.Web.Tests.Events;

/// <summary>Events of each kind.</summary>
internal static class EventSamples
{
    public const string Id = "0197a6a0-7c00-7000-8000-000000000001";
    public const string HelmConfig = "application/vnd.cncf.helm.config.v1+json";

    public static readonly string DigestText = "sha256:" + new string('a', 64);

    /// <summary>A manifest that was pushed by a tag, with everything that an event can say.</summary>
    public static RegistryEvent Push { get; } = new()
    {
        Id = Id,
        Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 120, TimeSpan.Zero),
        Action = EventAction.Push,
        Repository = RepositoryName.Parse("team/app"),
        Digest = Digest.Parse(DigestText),
        MediaType = MediaTypes.OciManifest,
        Size = 1234,
        ArtifactType = MediaTypes.OciConfig,
        Tag = Tag.Parse("v1"),
        Origin = new ChangeOrigin { Actor = "alice", RequestId = "r1", Address = "192.0.2.7:5000", Host = "registry.example", Method = "PUT", UserAgent = "docker/28 <\"x\">" },
        References =
        [
            new Descriptor(MediaTypes.OciConfig, Digest.Parse("sha256:" + new string('b', 64)), 7),
            new Descriptor(MediaTypes.OciLayerGzip, Digest.Parse("sha256:" + new string('c', 64)), 9)
            {
                Urls = ["https://elsewhere.example/c"],
                Annotations = new Dictionary<string, string> { ["k"] = "v" },
                ArtifactType = "application/x",
            },
        ],
    };

    /// <summary>A manifest that was deleted by somebody who is unknown, without a request.</summary>
    public static RegistryEvent Deletion { get; } = Push with { Action = EventAction.Delete, Tag = null, Size = null, Origin = ChangeOrigin.Unknown, References = [], Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero) };

    public static RegistryEvent TagDeletion { get; } = Deletion with { Tag = Tag.Parse("v1") };

    public static RegistryEvent RepositoryDeletion { get; } = Deletion with { Digest = null, MediaType = null, ArtifactType = null };

    public static RegistryEvent Blob { get; } = Push with { MediaType = MediaTypes.OctetStream, ArtifactType = null, Tag = null, References = [], IsBlob = true };

    public static RegistryEvent Mount { get; } = Blob with { Action = EventAction.Mount, FromRepository = RepositoryName.Parse("team/base") };

    public static RegistryEvent Pull { get; } = Push with { Action = EventAction.Pull, References = [] };

    /// <summary>A chart that was pushed as Helm 3 does.</summary>
    public static RegistryEvent Chart { get; } = Push with { Repository = RepositoryName.Parse("charts/web"), ArtifactType = HelmConfig, Tag = Tag.Parse("1.2.3_build5"), References = [] };

    /// <summary>One of each kind.</summary>
    public static IReadOnlyList<RegistryEvent> All { get; } =
        [Push, Push with { Tag = null }, Deletion, TagDeletion, RepositoryDeletion, Blob, Mount, Blob with { Action = EventAction.Pull }, Blob with { Action = EventAction.Delete }, Pull, Chart];
}
