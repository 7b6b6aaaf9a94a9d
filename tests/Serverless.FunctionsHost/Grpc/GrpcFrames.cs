using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Serverless.FunctionsHost.Grpc;

/// <summary>
/// The messages of a gRPC call in the bodies of its request and its answer:
/// <code>
/// | compressed: 1 byte, 0 | length: 4 bytes, big-endian | message | ...
/// </code>
/// </summary>
/// <remarks>https://github.com/grpc/grpc/blob/v1.60.0/doc/PROTOCOL-HTTP2.md, Length-Prefixed-Message.</remarks>
internal static class GrpcFrames
{
    private const int PrefixLength = 5;

    /// <summary>The messages that come, until the sender ends the stream.</summary>
    /// <exception cref="InvalidDataException">A message is compressed, or the stream ends within one.</exception>
    public static async IAsyncEnumerable<byte[]> ReadAsync(PipeReader reader, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (TryTake(ref buffer, out var message)) yield return message;
            if (read.IsCompleted)
            {
                if (!buffer.IsEmpty) throw new InvalidDataException("The stream ends within a message.");
                yield break;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    public static async ValueTask WriteAsync(PipeWriter writer, byte[] message, CancellationToken cancellationToken)
    {
        var prefix = writer.GetSpan(PrefixLength);
        prefix[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(prefix[1..], message.Length);
        writer.Advance(PrefixLength);
        await writer.WriteAsync(message, cancellationToken);
    }

    private static bool TryTake(ref ReadOnlySequence<byte> buffer, out byte[] message)
    {
        message = [];
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryRead(out var compressed) || !reader.TryReadBigEndian(out int length)) return false;
        if (compressed != 0) throw new InvalidDataException("A message is compressed, which was not agreed on.");
        if (reader.Remaining < length) return false;
        message = buffer.Slice(PrefixLength, length).ToArray();
        buffer = buffer.Slice(PrefixLength + length);
        return true;
    }
}
