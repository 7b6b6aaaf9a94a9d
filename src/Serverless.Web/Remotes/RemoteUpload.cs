using System.Net;

namespace Serverless.Web.Remotes;

/// <summary>The bytes of a blob on their way to a registry. They are read once.</summary>
/// <param name="bytes">The bytes.</param>
/// <param name="size">How many; null when nobody knows.</param>
internal sealed class RemoteUpload(Stream bytes, long? size) : HttpContent
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Called whenever some more have been taken.</summary>
    public Action Sent { get; set; } = () => { };

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferSize];
        while (await bytes.ReadAsync(buffer, cancellationToken) is var count and > 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            Sent();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = size ?? 0;
        return size is not null;
    }
}
