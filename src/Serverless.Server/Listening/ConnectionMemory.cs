using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Serverless.Server.Listening;

/// <summary>
/// The memory that connections read into and write from. The framework's own comes in blocks of 4 KiB, and as a call to a socket reads no more than a block, it takes four times the calls to
/// receive a layer, and some 40 % more CPU. A connection holds blocks only while bytes go through it.
/// </summary>
internal sealed class ConnectionMemory : IMemoryPoolFactory<byte>
{
    /// <summary>Blocks that are kept for the next connection; what was needed beyond goes back to the collector.</summary>
    internal const int MaxSpare = 64;

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool();

    private sealed class Pool : MemoryPool<byte>
    {
        private const int BlockSize = 16 * 1024;

        private readonly ConcurrentBag<Block> _spare = [];

        // A bag counts itself by locking all that use it.
        private int _count;

        public override int MaxBufferSize => BlockSize;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
            if (!_spare.TryTake(out var block)) return new Block(this);
            Interlocked.Decrement(ref _count);
            return block;
        }

        protected override void Dispose(bool disposing)
        {
        }

        private void Return(Block block)
        {
            if (Interlocked.Increment(ref _count) <= MaxSpare) _spare.Add(block);
            else Interlocked.Decrement(ref _count);
        }

        // Sockets need memory that stays where it is.
        private sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

            public void Dispose() => pool.Return(this);
        }
    }
}
