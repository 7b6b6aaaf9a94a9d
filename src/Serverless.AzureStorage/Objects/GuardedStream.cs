namespace Serverless.AzureStorage.Objects;

/// <summary>A download whose failures are those of the port.</summary>
/// <param name="inner">The client's stream.</param>
/// <param name="end">Ends the requests that the client makes for the rest of the download.</param>
/// <param name="limit">The time that a read has.</param>
internal sealed class GuardedStream(Stream inner, CancellationTokenSource end, TimeSpan limit) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            end.CancelAfter(limit);
            return await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (StorageFailure.IsFailure(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw StorageFailure.Translate(e);
        }
        finally
        {
            // Whoever reads may take his time between two reads.
            end.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        end.Dispose();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            end.Dispose();
        }

        base.Dispose(disposing);
    }
}
