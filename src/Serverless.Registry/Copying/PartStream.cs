using Serverless.Registry.Storage;

namespace Serverless.Registry.Copying;

/// <summary>So many bytes of a stream, which stays open behind them. A source that breaks off is an <see cref="IOException"/> here: of what a body does, an upload keeps what came before only those.</summary>
internal sealed class PartStream(Stream inner, long length) : DownloadStream
{
    private long _left = length;

    /// <summary>Whether nothing has come of it.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Whether the stream has come to its end.</summary>
    public bool IsEnd { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 || buffer.IsEmpty) return 0;
        try
        {
            var count = await inner.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
            IsEnd = count == 0;
            IsEmpty &= IsEnd;
            _left -= count;
            return count;
        }
        catch (ImageSourceException e)
        {
            throw new IOException(e.Message, e);
        }
    }
}
