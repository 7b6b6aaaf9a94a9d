using Serverless.Registry.Blobs;
using Xunit;

namespace Serverless.Registry.Tests.Blobs;

public sealed class BlockPrefixTests
{
    [Fact]
    public void Ids_have_one_length_whatever_the_prefix_and_the_index()
    {
        BlockPrefix[] prefixes = [new(0), new(1), new(ulong.MaxValue), BlockPrefix.New()];
        var ids = prefixes.SelectMany(p => new[] { 0, 1, 9, 10, 49_999 }.Select(p.BlockId)).ToList();
        Assert.Single(ids.Select(i => i.Length).Distinct());
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.InRange(ids[0].Length, 1, 48);
    }

    [Fact]
    public void Prefixes_differ() => Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => BlockPrefix.New()).Distinct().Count());

    [Fact]
    public void A_segment_counts_its_blocks_from_zero()
    {
        var prefix = new BlockPrefix(0xabc);
        Assert.Equal(["0000000000000abc000000", "0000000000000abc000001"], new Segment(prefix, 2, 10).BlockIds());
        Assert.Empty(new Segment(prefix, 0, 0).BlockIds());
    }
}
