using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Core;
using Xunit;
using static Serverless.Registry.Tests.TestRegistry;

namespace Serverless.Registry.Tests.Core;

public sealed class BodyBufferTests
{
    private const int Piece = BodyMemory.PieceSize;

    private readonly BodyMemory _memory = new(80 * 1024 * 1024, new FakeTimeProvider());

    [Fact]
    public void A_new_buffer_is_empty()
    {
        using var block = Take(Piece);
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
            using var block = Take(content.Length);
            var offset = 0;
            foreach (var length in pieces)
            {
                block.Append(content.AsSpan(offset, length));
                offset += length;
            }

            return block.Length == content.Length && block.Content().Length == content.Length && block.Content().ToArray().AsSpan().SequenceEqual(content);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60).WithEndSize(30));
    }

    [Theory]
    [InlineData(1, Piece)]
    [InlineData(Piece, Piece)]
    [InlineData(Piece + 1, 2 * Piece)]
    public void A_buffer_that_gets_no_more_gives_back_what_it_does_not_hold(int size, int held)
    {
        var left = _memory.Left;
        var block = Take(8 * Piece);
        Assert.Equal(left - (8 * Piece), _memory.Left);
        block.Append(new byte[size]);
        block.Trim();
        Assert.Equal(left - held, _memory.Left);
        block.Dispose();
        block.Dispose();
        Assert.Equal(left, _memory.Left);
    }

    [Fact]
    public void A_buffer_takes_no_more_than_it_was_granted()
    {
        using var block = Take(Piece);
        block.Append(new byte[Piece]);
        Assert.Throws<System.Diagnostics.UnreachableException>(() => block.Append([1]));
    }

    [Fact]
    public void Pieces_are_used_again()
    {
        byte[] First()
        {
            using var block = Take(Piece);
            block.Append([1]);
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(block.Content().First, out var piece));
            return piece.Array!;
        }

        Assert.Same(First(), First());
    }

    private BodyBuffer Take(long bytes) => new BodySender(_memory, Body([]), default).TryTake(bytes)!;
}
