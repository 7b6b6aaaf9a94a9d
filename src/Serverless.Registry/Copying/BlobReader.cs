using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Copying;

/// <summary>
/// The bytes of a blob of a source, counted. Where the source breaks off or is busy, it is asked for the rest, from the byte that comes next, so that nothing is sent twice.
/// </summary>
internal sealed class BlobReader : DownloadStream
{
    // A source that breaks off again and again is patiently asked as long as so much comes in between.
    private const long Headway = 1024 * 1024;

    private readonly ImageSourceReader _source;
    private readonly Descriptor _blob;
    private readonly BlobTransfer _transfer;
    private Stream _inner;
    private int _attempt = 1;
    private long _position;
    private long _lastFailure;

    private BlobReader(ImageSourceReader source, Descriptor blob, BlobTransfer transfer, Stream inner, long position) =>
        (_source, _blob, _transfer, _inner, _position, _lastFailure) = (source, blob, transfer, inner, position, position);

    /// <summary>Whether the source has failed for good: there is no sense in asking it once more.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Opens a blob from a place on; null when it is not there.</summary>
    public static async Task<BlobReader?> OpenAsync(ImageSourceReader source, Descriptor blob, long offset, BlobTransfer transfer, CancellationToken cancellationToken) =>
        await source.RunAsync(s => s.OpenBlobAsync(blob, offset, cancellationToken), cancellationToken) is { } inner ? new BlobReader(source, blob, transfer, inner, offset) : null;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var count = await ReadInnerAsync(buffer, cancellationToken);
                _position += count;
                _transfer.Add(count);
                return count;
            }
            catch (ImageSourceException e)
            {
                if (_position - _lastFailure >= Headway) _attempt = 1;
                if (!_source.Patience.MayTryAgain(e, _attempt))
                {
                    HasFailed = true;
                    throw;
                }

                await _source.Patience.WaitAsync(e, _attempt++, _source.Time, cancellationToken);
                _lastFailure = _position;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _inner.Dispose();
        base.Dispose(disposing);
    }

    // A stream that has failed is closed, and the next attempt begins with another one.
    private async ValueTask<int> ReadInnerAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (_inner == Null) _inner = await _source.Source.OpenBlobAsync(_blob, _position, cancellationToken) ?? throw new ImageSourceException($"The source no longer has {_blob.Digest}.");
        try
        {
            return await _inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is IOException or ImageSourceException)
        {
            await _inner.DisposeAsync();
            _inner = Null;
            throw e as ImageSourceException ?? new ImageSourceException($"The source cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>A source, and how patiently it is asked.</summary>
internal sealed record ImageSourceReader(IImageSource Source, CopyPatience Patience, TimeProvider Time)
{
    public Task<T> RunAsync<T>(Func<IImageSource, Task<T>> act, CancellationToken cancellationToken) => Patience.RunAsync(() => act(Source), Time, cancellationToken);
}
