namespace Serverless.Registry.Moving;

/// <summary>How far a move has come. It counts what was looked at, and what of it had to be written.</summary>
public sealed class MoveProgress
{
    private long _rows;
    private long _written;
    private long _left;
    private long _deleted;
    private long _blobs;
    private long _sent;
    private long _bytes;
    private long _orphans;
    private long _refused;
    private long _failed;

    /// <summary>Rows of the source that belong to the move.</summary>
    public long Rows => Volatile.Read(ref _rows);

    /// <summary>Rows that were written; the others were there already, and are neither <see cref="Left"/> nor of blobs that were refused.</summary>
    public long Written => Volatile.Read(ref _written);

    /// <summary>Rows that were left to the next run, because they came while this one was under way and name what it had passed.</summary>
    public long Left => Volatile.Read(ref _left);

    /// <summary>Rows of the target that the source no longer has, and that were deleted.</summary>
    public long Deleted => Volatile.Read(ref _deleted);

    /// <summary>Blobs.</summary>
    public long Blobs => Volatile.Read(ref _blobs);

    /// <summary>Blobs whose bytes were sent, because they were not there.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>The bytes of these.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Objects of the target that no blob of the source names, and that were deleted.</summary>
    public long Orphans => Volatile.Read(ref _orphans);

    /// <summary>Blobs that did not come, because their bytes are wrong or missing in the source.</summary>
    public long Refused => Volatile.Read(ref _refused);

    /// <summary>Blobs that did not come, because storage failed: another run takes them up.</summary>
    public long Failed => Volatile.Read(ref _failed);

    internal void AddRow() => Interlocked.Increment(ref _rows);

    internal void AddWritten(long rows) => Interlocked.Add(ref _written, rows);

    internal void AddLeft() => Interlocked.Increment(ref _left);

    internal void AddDeleted(long rows) => Interlocked.Add(ref _deleted, rows);

    internal void AddBlob() => Interlocked.Increment(ref _blobs);

    internal void AddSent(long bytes)
    {
        Interlocked.Increment(ref _sent);
        Interlocked.Add(ref _bytes, bytes);
    }

    internal void AddOrphan() => Interlocked.Increment(ref _orphans);

    internal void Add(MoveFindingKind kind) => Interlocked.Increment(ref kind == MoveFindingKind.Refused ? ref _refused : ref _failed);
}
