namespace Serverless.Registry.Tests.Blobs;

/// <summary>Gives its content and then fails, as the body of a client that goes away does.</summary>
internal sealed class BrokenStream(byte[] content) : MemoryStream(content)
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Position < Length ? base.ReadAsync(buffer, cancellationToken) : throw new IOException("The client has gone away.");
}
