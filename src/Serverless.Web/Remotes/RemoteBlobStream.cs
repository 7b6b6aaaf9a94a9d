using Serverless.Registry.Copying;
using Serverless.Registry.Storage;

namespace Serverless.Web.Remotes;

/// <summary>The bytes of a blob as they come, to their end and no further. Reading it throws <see cref="ImageSourceException"/> when they stop coming.</summary>
/// <param name="answer">The answer that brings them; it is disposed of with the stream.</param>
/// <param name="body">Its body.</param>
/// <param name="position">The place of the first byte in the blob.</param>
/// <param name="size">Bytes of the whole blob; null when nobody knows.</param>
/// <param name="transport">Knows how long to wait for more.</param>
internal sealed class RemoteBlobStream(HttpResponseMessage answer, Stream body, long position, long? size, RemoteTransport transport) : DownloadStream
{
    private readonly string _host = RemoteTransport.HostOf(answer);
    private long _position = position;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        var read = await ReadBodyAsync(buffer, cancellationToken);
        _position += read;
        if (_position > size) throw new ImageSourceException($"{_host} sends more bytes of a blob than the {size} that its manifest says.");
        if (read == 0 && _position < size) throw new ImageSourceException($"{_host} sent {_position} bytes of a blob of {size}.") { IsTransient = true };
        return read;
    }

    /// <summary>Reads up to a place in the blob.</summary>
    public async Task SkipToAsync(long place, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (_position < place)
        {
            var wanted = (int)Math.Min(buffer.Length, place - _position);
            if (await ReadAsync(buffer.AsMemory(0, wanted), cancellationToken) == 0) throw new ImageSourceException($"{_host} has {_position} bytes of a blob that was to be read from byte {place} on.");
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) answer.Dispose();
        base.Dispose(disposing);
    }

    private async Task<int> ReadBodyAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(transport.Timeout);
        try
        {
            return await body.ReadAsync(buffer, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw transport.TimedOut(_host);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw RemoteTransport.Broken(_host, e);
        }
    }
}
