using Serverless.Registry.Storage;

namespace Serverless.Registry.Copying;

/// <summary>Tells how much of a blob has come.</summary>
internal sealed class CountedStream(Stream inner, CopyProgress progress) : DownloadStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            progress.AddBytes(count);
            return count;
        }
        catch (IOException e)
        {
            throw new ImageSourceException($"The source cannot be read: {e.Message}", e);
        }
    }
}
