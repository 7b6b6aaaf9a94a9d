using System.IO.Pipelines;
using System.Runtime.ExceptionServices;
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

    /// <summary>Stages all of it, or what came before the client went away: that is the one failure that is returned and not thrown.</summary>
    public static async Task<ExceptionDispatchInfo?> CopyAllAsync(this BlockStager stager, PipeReader body, CancellationToken cancellationToken)
    {
        try
        {
            await stager.CopyAsync(body, cancellationToken);
            return null;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return ExceptionDispatchInfo.Capture(e);
        }
    }
}
