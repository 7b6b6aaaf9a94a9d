using System.Security.Cryptography;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Blobs.Hashing;

/// <summary>The framework's hash, for content that comes whole in one request: its state cannot be saved, and need not be.</summary>
internal sealed class OneShotHash(DigestAlgorithm algorithm) : ContentHash
{
    private readonly IncrementalHash _hash =
        IncrementalHash.CreateHash(algorithm == DigestAlgorithm.Sha512 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    public override DigestAlgorithm Algorithm => algorithm;

    public override void Append(ReadOnlySpan<byte> data) => _hash.AppendData(data);

    public override byte[] Finish() => _hash.GetHashAndReset();

    protected override void Dispose(bool disposing)
    {
        if (disposing) _hash.Dispose();
        base.Dispose(disposing);
    }
}
