using System.IO.Pipelines;
using Serverless.Registry.Blobs.Hashing;

namespace Serverless.Registry.Blobs;

/// <summary>Ways to read a body.</summary>
internal static class BodyReader
{
    /// <summary>Waits for the first byte or the end; consumes nothing.</summary>
    public static async ValueTask<bool> IsEmptyAsync(this PipeReader body, CancellationToken cancellationToken)
    {
        var read = await body.ReadAsync(cancellationToken);
        body.AdvanceTo(read.Buffer.Start);
        return read.Buffer.IsEmpty;
    }

    /// <summary>Hashes all of it.</summary>
    public static async Task HashAsync(this PipeReader body, ContentHash hash, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancellationToken);
            foreach (var piece in read.Buffer) hash.Append(piece.Span);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return;
        }
    }
}
