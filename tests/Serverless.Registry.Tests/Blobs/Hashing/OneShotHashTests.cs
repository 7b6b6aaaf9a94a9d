using System.Security.Cryptography;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Oci;
using Xunit;

namespace Serverless.Registry.Tests.Blobs.Hashing;

public sealed class OneShotHashTests
{
    [Fact]
    public void Each_algorithm_gives_its_digest()
    {
        var content = Any.Content(1000);
        Assert.Equal("sha256:" + Convert.ToHexStringLower(SHA256.HashData(content)), InTwoPieces(DigestAlgorithm.Sha256, content).ToString());
        Assert.Equal("sha512:" + Convert.ToHexStringLower(SHA512.HashData(content)), InTwoPieces(DigestAlgorithm.Sha512, content).ToString());
    }

    private static Digest InTwoPieces(DigestAlgorithm algorithm, byte[] content)
    {
        using var hash = new OneShotHash(algorithm);
        hash.Append(content.AsSpan(0, 333));
        hash.Append(content.AsSpan(333));
        return hash.FinishDigest();
    }
}
