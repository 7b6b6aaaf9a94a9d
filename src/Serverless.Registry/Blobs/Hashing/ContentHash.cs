using Serverless.Registry.Oci;

namespace Serverless.Registry.Blobs.Hashing;

/// <summary>A hash of content that comes in pieces.</summary>
public abstract class ContentHash : IDisposable
{
    /// <summary>The algorithm.</summary>
    public abstract DigestAlgorithm Algorithm { get; }

    /// <summary>Hashes the next piece.</summary>
    public abstract void Append(ReadOnlySpan<byte> data);

    /// <summary>Ends the hash; nothing can be appended afterwards.</summary>
    public abstract byte[] Finish();

    /// <summary>Ends the hash as a digest.</summary>
    public Digest FinishDigest() => Digest.FromHash(Algorithm, Finish());

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees what the hash holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
