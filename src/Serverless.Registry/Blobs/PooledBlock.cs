using System.Buffers;

namespace Serverless.Registry.Blobs;

/// <summary>
/// A block of an upload, collected in pooled pieces that grow with what has come: a slow client with a few bytes holds little memory.
/// </summary>
internal sealed class PooledBlock : IDisposable
{
    private const int SmallestPiece = 64 * 1024;
    private const int LargestPiece = 1024 * 1024;

    private readonly List<(byte[] Bytes, int Length)> _pieces = [];

    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> data)
    {
        Length += data.Length;
        while (!data.IsEmpty)
        {
            if (_pieces.Count == 0 || _pieces[^1].Length == _pieces[^1].Bytes.Length)
            {
                _pieces.Add((ArrayPool<byte>.Shared.Rent((int)Math.Clamp(Length, SmallestPiece, LargestPiece)), 0));
            }

            var (bytes, used) = _pieces[^1];
            var taken = Math.Min(bytes.Length - used, data.Length);
            data[..taken].CopyTo(bytes.AsSpan(used));
            _pieces[^1] = (bytes, used + taken);
            data = data[taken..];
        }
    }

    /// <summary>The content; valid until the block is disposed.</summary>
    public ReadOnlySequence<byte> Content()
    {
        if (_pieces.Count == 0) return ReadOnlySequence<byte>.Empty;
        var first = new Piece(_pieces[0].Bytes.AsMemory(0, _pieces[0].Length), 0);
        var last = first;
        foreach (var (bytes, length) in _pieces.Skip(1)) last = last.Append(bytes.AsMemory(0, length));
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    public void Dispose()
    {
        foreach (var (bytes, _) in _pieces) ArrayPool<byte>.Shared.Return(bytes);
        _pieces.Clear();
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long start) => (Memory, RunningIndex) = (memory, start);

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
