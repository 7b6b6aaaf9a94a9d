namespace Serverless.Registry.Backup;

/// <summary>What is known of a backup.</summary>
/// <param name="Name">Its name: the time at which it was begun, UTC, as <c>20261130T071500Z</c>.</param>
/// <param name="Registry">The id of the registry that it is of; null when it had none.</param>
/// <param name="Ended">When it was complete, UTC; null: it is not, and can be gone on with.</param>
/// <param name="Repositories">Repositories in it; of one that is not complete those that are done.</param>
public sealed record BackupInfo(string Name, string? Registry, DateTimeOffset? Ended, long Repositories);

/// <summary>Something that a backup or its restoration could not take along.</summary>
/// <param name="Repository">The repository; null: it is about none.</param>
/// <param name="What">The digest, tag or file.</param>
/// <param name="Note">What is the matter, in words for the operator.</param>
public sealed record BackupFinding(Oci.RepositoryName? Repository, string What, string Note);

/// <summary>How far a backup or a restoration has come. It counts what was looked at, and what of it had to be copied.</summary>
public sealed class BackupProgress
{
    private long _repositories;
    private long _manifests;
    private long _tags;
    private long _blobs;
    private long _copied;
    private long _bytes;
    private long _findings;
    private long _failed;

    /// <summary>Repositories that are done.</summary>
    public long Repositories => Volatile.Read(ref _repositories);

    /// <summary>Manifests.</summary>
    public long Manifests => Volatile.Read(ref _manifests);

    /// <summary>Tags.</summary>
    public long Tags => Volatile.Read(ref _tags);

    /// <summary>Blobs of repositories; one that several have counts for each.</summary>
    public long Blobs => Volatile.Read(ref _blobs);

    /// <summary>Blobs whose content was copied, because it was not there.</summary>
    public long Copied => Volatile.Read(ref _copied);

    /// <summary>Bytes of these blobs.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Things that could not be taken along, and will not be the next time either.</summary>
    public long Findings => Volatile.Read(ref _findings);

    /// <summary>Repositories that are not done, because storage failed or they were changed all the time: another run takes them up.</summary>
    public long Failed => Volatile.Read(ref _failed);

    internal void AddRepository() => Interlocked.Increment(ref _repositories);

    internal void AddContent(long manifests, long tags)
    {
        Interlocked.Add(ref _manifests, manifests);
        Interlocked.Add(ref _tags, tags);
    }

    internal void AddBlob() => Interlocked.Increment(ref _blobs);

    internal void AddCopy(long bytes)
    {
        Interlocked.Increment(ref _copied);
        Interlocked.Add(ref _bytes, bytes);
    }

    internal void AddFinding() => Interlocked.Increment(ref _findings);

    internal void AddFailure() => Interlocked.Increment(ref _failed);
}
