using System.Buffers;
using Serverless.Registry.Storage;

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
    public ReadOnlySequence<byte> Content() => ByteSequence.Join(_pieces.Select(p => (ReadOnlyMemory<byte>)p.Bytes.AsMemory(0, p.Length)));

    public void Dispose()
    {
        foreach (var (bytes, _) in _pieces) ArrayPool<byte>.Shared.Return(bytes);
        _pieces.Clear();
    }
}
