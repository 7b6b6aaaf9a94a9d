using Serverless.Registry.Storage;

namespace Serverless.AzureStorage.Objects;

/// <summary>A download whose failures are those of the port.</summary>
/// <param name="inner">The client's stream.</param>
/// <param name="end">Ends the requests that the client makes for the rest of the download.</param>
/// <param name="limit">The time that a read has.</param>
internal sealed class GuardedStream(Stream inner, CancellationTokenSource end, TimeSpan limit) : DownloadStream
{
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
