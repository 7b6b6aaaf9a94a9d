using System.Buffers;
using System.Diagnostics;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>Bytes of a body, in pieces of <see cref="BodyMemory"/>. It has been granted a number of pieces and takes them up as bytes come.</summary>
internal sealed class BodyBuffer(BodyMemory memory, BodySender sender, int granted) : IDisposable
{
    private readonly List<byte[]> _pieces = [];
    private readonly BodySender _sender = sender.Holds(1);
    private int _granted = granted;

    /// <summary>Bytes that it has.</summary>
    public long Length { get; private set; }

    public void Append(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var used = (int)(Length % BodyMemory.PieceSize);
            if (used == 0) AddPiece();
            var taken = Math.Min(BodyMemory.PieceSize - used, data.Length);
            data[..taken].CopyTo(_pieces[^1].AsSpan(used));
            Length += taken;
            data = data[taken..];
        }
    }

    /// <summary>The content; valid until the buffer is disposed of.</summary>
    public ReadOnlySequence<byte> Content() => ByteSequence.Join(_pieces.Select((piece, i) =>
        (ReadOnlyMemory<byte>)piece.AsMemory(0, (int)Math.Min(BodyMemory.PieceSize, Length - ((long)i * BodyMemory.PieceSize)))));

    /// <summary>Gives back what it was granted beyond so many bytes, or beyond what it has if that is more.</summary>
    public void Trim(long bytes = 0)
    {
        var kept = (int)Math.Clamp((bytes + BodyMemory.PieceSize - 1) / BodyMemory.PieceSize, _pieces.Count, _granted);
        if (kept == _granted) return;
        memory.Return(_granted - kept, []);
        _granted = kept;
    }

    public void Dispose()
    {
        if (_granted == 0) return;
        memory.Return(_granted, _pieces);
        _granted = 0;
        _pieces.Clear();
        Length = 0;
        _sender.Holds(-1);
    }

    private void AddPiece()
    {
        if (_pieces.Count == _granted) throw new UnreachableException("More bytes than memory was granted for.");
        _pieces.Add(memory.NewPiece());
    }
}
