using System.Buffers;
using Serverless.Server.Listening;
using Xunit;

namespace Serverless.Server.Tests.Listening;

/// <summary>The memory that connections read into.</summary>
public sealed class ConnectionMemoryTests
{
    [Fact]
    public void A_block_is_somebodys_alone_until_he_gives_it_back()
    {
        using var pool = new ConnectionMemory().Create();
        var first = pool.Rent();
        using var second = pool.Rent(1);
        Assert.Equal(16 * 1024, pool.MaxBufferSize);
        Assert.Equal([pool.MaxBufferSize, pool.MaxBufferSize], new[] { first, second }.Select(b => b.Memory.Length));
        Assert.False(first.Memory.Span.Overlaps(second.Memory.Span));
        first.Memory.Span[0] = 42;
        first.Dispose();
        using var third = pool.Rent(pool.MaxBufferSize);
        Assert.Same(first, third);
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(pool.MaxBufferSize + 1));
    }

    [Fact]
    public void Few_are_kept_of_those_that_many_have_needed_at_once()
    {
        using var pool = new ConnectionMemory().Create();
        HashSet<IMemoryOwner<byte>> all = [.. Enumerable.Range(0, 3 * ConnectionMemory.MaxSpare).Select(_ => pool.Rent())];
        foreach (var block in all) block.Dispose();
        var again = Enumerable.Range(0, all.Count).Select(_ => pool.Rent()).ToList();
        Assert.Equal(ConnectionMemory.MaxSpare, again.Count(all.Contains));
        Assert.Equal(all.Count, again.Distinct().Count());
    }
}
