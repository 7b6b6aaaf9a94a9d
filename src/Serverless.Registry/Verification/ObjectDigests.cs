using System.IO.Pipelines;
using Serverless.Registry.Blobs;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Verification;

/// <summary>Reads stored bytes to compute their digest.</summary>
internal static class ObjectDigests
{
    /// <summary>The digest of what an object holds; null when it is not there.</summary>
    /// <param name="run">The run, which counts what is read.</param>
    /// <param name="name">The object.</param>
    /// <param name="size">Its size in bytes.</param>
    /// <param name="algorithm">The algorithm.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<Digest?> HashAsync(this VerifyRun run, string name, long size, DigestAlgorithm algorithm, CancellationToken cancellationToken)
    {
        if (await run.Context.Objects.OpenAsync(name, 0, null, cancellationToken) is not { } stream) return null;
        using var hash = new OneShotHash(algorithm);
        await using (stream)
        {
            await PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 128 * 1024)).HashAsync(hash, cancellationToken);
        }

        run.Answered();
        run.Summary.HashedBytes += size;
        return hash.FinishDigest();
    }
}
