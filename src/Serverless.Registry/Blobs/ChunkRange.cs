using Serverless.Registry.Oci;

namespace Serverless.Registry.Blobs;

/// <summary>Which bytes of the blob a chunk is said to be: first and last, inclusive, as in the header Content-Range of an upload.</summary>
public readonly record struct ChunkRange(long First, long Last)
{
    /// <summary>Bytes in the chunk.</summary>
    public long Length => Last - First + 1;

    /// <summary>How many bytes are said to come; null when nothing is said.</summary>
    public long? Announced { get; init; }

    /// <summary>Whether the chunk is said to be longer or shorter than its range.</summary>
    public bool IsContradicted => Announced is { } announced && announced != Length;

    /// <summary>Refuses a chunk that is said to be longer or shorter than its range. Asked once it is known that it continues the upload.</summary>
    /// <exception cref="RegistryException">SIZE_INVALID.</exception>
    public void DemandLength()
    {
        if (IsContradicted) throw new RegistryException(RegistryError.SizeInvalid);
    }
}
