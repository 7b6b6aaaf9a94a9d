using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Blobs.Hashing;
using Xunit;

namespace Serverless.Registry.Tests.Blobs.Hashing;

public sealed class Sha256CompressionTests
{
    [Fact]
    public void Managed_and_accelerated_code_agree_from_any_chaining_value()
    {
        var inputs = from seed in Gen.Choose(0, int.MaxValue) from blocks in Gen.Choose(0, 40) select (seed, blocks);
        Prop.ForAll(inputs.ToArbitrary(), input =>
        {
            var content = Any.Content(64 * input.blocks, input.seed);
            var chain = Any.Content(32, input.seed + 1);
            var managed = Enumerable.Range(0, 8).Select(i => BitConverter.ToUInt32(chain, 4 * i)).ToArray();
            var chosen = managed.ToArray();
            Sha256Compression.CompressManaged(managed, content);
            Sha256Compression.Compress(chosen, content);
            return managed.SequenceEqual(chosen);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    // The example of FIPS 180-4 for one block: "abc", padded by hand.
    [Fact]
    public void The_managed_code_compresses_the_example_of_the_standard()
    {
        uint[] chain = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
        var block = new byte[64];
        "abc"u8.CopyTo(block);
        (block[3], block[63]) = (0x80, 24);
        Sha256Compression.CompressManaged(chain, block);
        Assert.Equal([0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223, 0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad], chain);
    }
}
