using System.IO.Pipelines;
using Serverless.Registry.Blobs;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Moving;

/// <summary>A blob whose bytes are not in the target.</summary>
/// <param name="Digest">What they have to be.</param>
/// <param name="Size">How many.</param>
/// <param name="From">The object of the source.</param>
/// <param name="To">The object of the target.</param>
/// <param name="HasWrong">Whether there is one that has another size.</param>
internal sealed record BlobToMove(Digest Digest, long Size, string From, string To, bool HasWrong);

/// <summary>Sends the bytes of one blob, in blocks that share the memory there is for bodies. They are an object only when all of them were seen to have the digest.</summary>
internal sealed class ObjectMove(MoveRun run)
{
    /// <returns>Why it is refused; null: it is in the target.</returns>
    /// <exception cref="IOException">The source broke off.</exception>
    public async Task<string?> SendAsync(BlobToMove blob, CancellationToken cancellationToken)
    {
        if (await run.Source.Objects.OpenAsync(blob.From, 0, null, cancellationToken) is not { } stream) return $"the bytes are not in storage: {blob.From}";
        var body = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 128 * 1024));
        try
        {
            // Blocks that are staged for an object go with it, so it goes before they come.
            if (blob.HasWrong) await run.Target.Objects.DeleteAsync(blob.To, null, cancellationToken);
            var prefix = BlockPrefix.New();
            using var hash = new OneShotHash(blob.Digest.Algorithm);
            await using var stager = new BlockStager(run.Target, blob.To, prefix, hash, RegistryOptions.MaxBlocks);
            (await stager.CopyAsync(body, cancellationToken))?.Throw();
            var actual = hash.FinishDigest();
            if (stager.Length != blob.Size) return $"{stager.Length} bytes are stored of a blob of {blob.Size}: {blob.From}";
            if (actual != blob.Digest) return $"the bytes that are stored have the digest {actual}: {blob.From}";
            await StoreAsync(stager, blob, prefix, cancellationToken);
            run.Progress.AddSent(blob.Size);
            return null;
        }
        catch (RegistryException e) when (e.Error == RegistryError.SizeInvalid)
        {
            return e.Message;
        }
        finally
        {
            await body.CompleteAsync();
        }
    }

    private async Task StoreAsync(BlockStager stager, BlobToMove blob, BlockPrefix prefix, CancellationToken cancellationToken)
    {
        WriteOutcome outcome;
        if (stager.Staged == 0)
        {
            outcome = await run.Target.Objects.PutAsync(blob.To, stager.Rest, cancellationToken);
        }
        else
        {
            await stager.FlushAsync();
            outcome = await run.Target.Objects.CommitBlocksAsync(blob.To, [.. new Segment(prefix, stager.Staged, stager.Confirmed).BlockIds()], cancellationToken);
        }

        if (outcome == WriteOutcome.NotFound) throw new StorageUnavailableException("Blocks that were staged a moment ago are not there.");
        // Our own, by a call whose answer was lost; or another move's, which has looked at its bytes like this one.
        if (outcome == WriteOutcome.Exists && (await run.Target.Objects.FindAsync(blob.To, cancellationToken))?.Size != blob.Size) throw MoveRun.Interfered();
    }
}
