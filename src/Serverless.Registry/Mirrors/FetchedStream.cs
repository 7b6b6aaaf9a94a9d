using Serverless.Registry.Storage;

namespace Serverless.Registry.Mirrors;

/// <summary>Bytes on their way from a source to storage, of which others see a copy.</summary>
internal sealed class FetchedStream(Stream source, FetchWindow window, Action<long> report) : DownloadStream
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await source.ReadAsync(buffer, cancellationToken);
        window.Append(buffer.Span[..read]);
        report(read);
        return read;
    }
}
