using Serverless.Registry.Storage;

namespace Serverless.Registry.Copying;

/// <summary>Tells how much of a blob has come.</summary>
internal sealed class CountedStream(Stream inner, CopyProgress progress) : DownloadStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        progress.AddBytes(count);
        return count;
    }
}
