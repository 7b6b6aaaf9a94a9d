namespace Serverless.Registry.Adoption;

/// <summary>How far an adoption has come. Any thread may read it meanwhile. What is present was here already.</summary>
public sealed class AdoptProgress
{
    private long _repositories;
    private long _manifests;
    private long _tags;
    private long _blobs;
    private long _bytes;
    private long _shared;
    private long _copied;
    private long _present;
    private long _missing;
    private long _refused;
    private long _kept;

    /// <summary>Repositories that were looked at.</summary>
    public long Repositories => Interlocked.Read(ref _repositories);

    /// <summary>Repositories in all; known once they are counted.</summary>
    public long Expected { get; internal set; }

    /// <summary>Manifests that were written.</summary>
    public long Manifests => Interlocked.Read(ref _manifests);

    /// <summary>Tags that were set.</summary>
    public long Tags => Interlocked.Read(ref _tags);

    /// <summary>Blobs that were taken over where they lie.</summary>
    public long Blobs => Interlocked.Read(ref _blobs);

    /// <summary>The bytes of these.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Links of repositories to blobs that the registry had already.</summary>
    public long Shared => Interlocked.Read(ref _shared);

    /// <summary>Blobs that were copied under a new name.</summary>
    public long Copied => Interlocked.Read(ref _copied);

    /// <summary>Manifests, tags and links that were there already.</summary>
    public long Present => Interlocked.Read(ref _present);

    /// <summary>Findings of <see cref="AdoptFindingKind.Missing"/>.</summary>
    public long Missing => Interlocked.Read(ref _missing);

    /// <summary>Findings of <see cref="AdoptFindingKind.Refused"/>.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Findings of <see cref="AdoptFindingKind.Kept"/>.</summary>
    public long Kept => Interlocked.Read(ref _kept);

    internal void AddRepository() => Interlocked.Increment(ref _repositories);

    internal void AddManifest() => Interlocked.Increment(ref _manifests);

    internal void AddTag() => Interlocked.Increment(ref _tags);

    internal void AddBlob(long bytes)
    {
        Interlocked.Increment(ref _blobs);
        Interlocked.Add(ref _bytes, bytes);
    }

    internal void AddShared() => Interlocked.Increment(ref _shared);

    internal void AddCopy() => Interlocked.Increment(ref _copied);

    internal void AddPresent() => Interlocked.Increment(ref _present);

    internal void Add(AdoptFindingKind kind)
    {
        switch (kind)
        {
            case AdoptFindingKind.Missing:
                Interlocked.Increment(ref _missing);
                break;
            case AdoptFindingKind.Refused:
                Interlocked.Increment(ref _refused);
                break;
            default:
                Interlocked.Increment(ref _kept);
                break;
        }
    }
}
