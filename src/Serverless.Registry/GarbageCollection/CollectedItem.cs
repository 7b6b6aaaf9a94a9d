using Serverless.Registry.Oci;

namespace Serverless.Registry.GarbageCollection;

/// <summary>Something that a run has to tell.</summary>
/// <param name="Kind">What.</param>
/// <param name="Repository">Where; null when it belongs to no one repository.</param>
/// <param name="Digest">Which; null when it is about the repository as a whole.</param>
/// <param name="Size">Bytes that are freed; 0 when none are.</param>
/// <param name="Note">Why, where there is something to explain.</param>
public sealed record CollectedItem(CollectedKind Kind, RepositoryName? Repository, Digest? Digest, long Size = 0, string? Note = null);

/// <summary>What a <see cref="CollectedItem"/> is about.</summary>
public enum CollectedKind
{
    /// <summary>A manifest was deleted.</summary>
    Manifest,

    /// <summary>A repository's link to a blob was deleted.</summary>
    Link,

    /// <summary>A blob that nobody links to was deleted, with its bytes.</summary>
    Blob,

    /// <summary>A repository without manifests left the catalog.</summary>
    Repository,

    /// <summary>An upload that nobody can finish any more was ended.</summary>
    Upload,

    /// <summary>A repository or blob was left alone, because something of it cannot be read or storage did not answer.</summary>
    Skipped,
}

/// <summary>What a run did, or would do.</summary>
public sealed class CollectionSummary
{
    private readonly Dictionary<CollectedKind, int> _counts = [];

    /// <summary>Whether everything that was due was looked at within the time.</summary>
    public bool Finished { get; internal set; }

    /// <summary>Bytes of the blobs and uploads that were deleted.</summary>
    public long FreedBytes { get; private set; }

    /// <summary>Repositories that were looked at.</summary>
    public int Reviewed { get; internal set; }

    /// <summary>Whether anything could be looked at.</summary>
    internal bool Succeeded { get; set; }

    /// <summary>The last failure of storage; null when there was none.</summary>
    internal Exception? LastFailure { get; set; }

    /// <summary>How many of a kind.</summary>
    public int Count(CollectedKind kind) => _counts.GetValueOrDefault(kind);

    internal void Add(CollectedItem item)
    {
        _counts[item.Kind] = Count(item.Kind) + 1;
        if (item.Kind is CollectedKind.Blob or CollectedKind.Upload) FreedBytes += item.Size;
    }
}
