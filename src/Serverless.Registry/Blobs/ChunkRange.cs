namespace Serverless.Registry.Blobs;

/// <summary>Which bytes of the blob a chunk is said to be: first and last, inclusive, as in the header Content-Range of an upload.</summary>
public readonly record struct ChunkRange(long First, long Last)
{
    /// <summary>Bytes in the chunk.</summary>
    public long Length => Last - First + 1;
}
