using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Serverless.Registry.Blobs;
using Xunit;

namespace Serverless.Registry.Tests.Blobs;

public sealed class PooledBlockTests
{
    [Fact]
    public void A_new_block_is_empty()
    {
        using var block = new PooledBlock();
        Assert.Equal(0, block.Length);
        Assert.True(block.Content().IsEmpty);
        block.Append([]);
        Assert.True(block.Content().IsEmpty);
    }

    [Fact]
    public void Content_is_what_was_appended_in_order()
    {
        var lengths = Gen.Frequency((5, Gen.Choose(0, 1000)), (2, Gen.Choose(60_000, 70_000)), (1, Gen.Choose(500_000, 1_500_000))).ListOf();
        Prop.ForAll(lengths.ToArbitrary(), pieces =>
        {
            var content = Any.Content(pieces.Sum(), pieces.Count);
            using var block = new PooledBlock();
            var offset = 0;
            foreach (var length in pieces)
            {
                block.Append(content.AsSpan(offset, length));
                offset += length;
            }

            return block.Length == content.Length && block.Content().Length == content.Length && block.Content().ToArray().AsSpan().SequenceEqual(content);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(30));
    }

    [Fact]
    public void A_few_bytes_hold_a_small_piece_only()
    {
        using var block = new PooledBlock();
        block.Append([1, 2, 3]);
        var content = block.Content();
        Assert.True(content.IsSingleSegment);
        Assert.Equal([1, 2, 3], content.ToArray());
    }
}
