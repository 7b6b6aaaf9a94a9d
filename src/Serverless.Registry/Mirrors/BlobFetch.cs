using Serverless.Registry.Blobs;
using Serverless.Registry.Copying;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Mirrors;

/// <summary>A blob that comes from a mirror's source, for all of this instance who want it.</summary>
public sealed class BlobFetch
{
    private const int Piece = 64 * 1024;

    private readonly TaskCompletionSource<long?> _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Blob?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile FetchWindow? _window;

    internal BlobFetch(Digest digest) => Digest = digest;

    /// <summary>The blob.</summary>
    public Digest Digest { get; }

    /// <summary>
    /// Ends when the first bytes come, with the blob's size in bytes as the source says it, null where it does not; or with <see cref="Ended"/>, if that is earlier.
    /// </summary>
    public Task<long?> Begun => _begun.Task;

    /// <summary>Ends when the blob is here; with null when the source does not have it; with an <see cref="ImageSourceException"/> when it could not be fetched.</summary>
    public Task<Blob?> Ended => _ended.Task;

    /// <summary>Whether somebody who comes now can be sent the blob while it comes.</summary>
    public bool IsAtStart => _window is { HasStart: true };

    /// <summary>Writes the blob while it comes, as far as the reader keeps up, and the rest from storage when it is there.</summary>
    /// <param name="destination">Where the bytes go. It is never sent the whole of a blob that turns out to be wrong.</param>
    /// <param name="cancellationToken">Ends the copy, and not the fetch.</param>
    /// <exception cref="ImageSourceException">The source sent something else, or stopped.</exception>
    public async Task CopyToAsync(Stream destination, CancellationToken cancellationToken)
    {
        var position = 0L;
        var buffer = new byte[Piece];
        while (_window is { } window && window.Read(position, buffer, out var changed) is { } count)
        {
            if (count == 0)
            {
                // All that is left, if it is right, is in the window until it is in storage.
                await Task.WhenAny(changed, _ended.Task).WaitAsync(cancellationToken);
                if (_ended.Task.IsCompleted) break;
                continue;
            }

            await destination.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            position += count;
        }

        var blob = await _ended.Task.WaitAsync(cancellationToken) ?? throw new ImageSourceException("The source does not have the blob any more.");
        if (position == blob.Descriptor.Size) return;
        await using var rest = await blob.OpenAsync(position, null, cancellationToken);
        await rest.CopyToAsync(destination, Piece, cancellationToken);
    }

    internal void Begin(FetchWindow window, long? size)
    {
        _window = window;
        _begun.TrySetResult(size);
    }

    internal void End(Blob? blob)
    {
        _window?.Complete();
        _ended.TrySetResult(blob);
        _begun.TrySetResult(blob?.Descriptor.Size);
    }

    internal void Fail(Exception failure)
    {
        _ended.TrySetException(failure);
        _begun.TrySetException(failure);
        // Whoever waits for it sees it; if nobody does it was told of already.
        _ = _ended.Task.Exception;
        _ = _begun.Task.Exception;
    }
}
