using Serverless.Registry.Events;

namespace Serverless.Web.Events;

/// <summary>The types of CloudEvents: what an event is about, and the action.</summary>
internal static class CloudEventType
{
    /// <summary>What all types begin with.</summary>
    public const string Prefix = "io.serverless-registry.";

    /// <summary>A manifest was pushed; with a tag, if the event has one.</summary>
    public const string ManifestPush = Prefix + "manifest.push";

    /// <summary>A manifest was pulled.</summary>
    public const string ManifestPull = Prefix + "manifest.pull";

    /// <summary>A manifest was deleted.</summary>
    public const string ManifestDelete = Prefix + "manifest.delete";

    /// <summary>A tag was deleted; the manifest may be there still.</summary>
    public const string TagDelete = Prefix + "tag.delete";

    /// <summary>A blob was pushed.</summary>
    public const string BlobPush = Prefix + "blob.push";

    /// <summary>A blob was pulled.</summary>
    public const string BlobPull = Prefix + "blob.pull";

    /// <summary>A blob was linked from another repository.</summary>
    public const string BlobMount = Prefix + "blob.mount";

    /// <summary>A blob was deleted from a repository.</summary>
    public const string BlobDelete = Prefix + "blob.delete";

    /// <summary>A repository was deleted with all that is in it.</summary>
    public const string RepositoryDelete = Prefix + "repository.delete";

    /// <summary>A namespace has passed its soft quota.</summary>
    public const string QuotaPassed = Prefix + "quota.passed";

    public static string Of(RegistryEvent registryEvent) => (registryEvent.IsBlob, registryEvent.Action) switch
    {
        (true, EventAction.Push) => BlobPush,
        (true, EventAction.Pull) => BlobPull,
        (_, EventAction.Mount) => BlobMount,
        (_, EventAction.Quota) => QuotaPassed,
        (true, EventAction.Delete) => BlobDelete,
        (false, EventAction.Push) => ManifestPush,
        (false, EventAction.Pull) => ManifestPull,
        (false, EventAction.Delete) => registryEvent.Tag is not null ? TagDelete : registryEvent.Digest is not null ? ManifestDelete : RepositoryDelete,
        _ => throw new ArgumentOutOfRangeException(nameof(registryEvent)),
    };
}
