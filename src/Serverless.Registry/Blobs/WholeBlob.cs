using System.IO.Pipelines;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>
/// A blob that comes whole in one request: no session, the hash that the processor does best, and a single write when it fits into one block. The digest
/// is compared before anything is committed.
/// </summary>
internal sealed class WholeBlob(RegistryContext context, RepositoryName repository)
{
    /// <summary>Stores and links the blob.</summary>
    /// <param name="body">The content.</param>
    /// <param name="expected">What it is said to be; null takes it as it is.</param>
    /// <param name="algorithm">The algorithm of the digest.</param>
    /// <param name="length">Its length in bytes, if that was said.</param>
    /// <param name="cancellationToken">Ends the reading of the body, and nothing after that: bytes that are stored without their rows would stay for ever.</param>
    /// <exception cref="RegistryException">DIGEST_INVALID or SIZE_INVALID; nothing was stored.</exception>
    public async Task<Descriptor> PutAsync(PipeReader body, Digest? expected, DigestAlgorithm algorithm, long? length, CancellationToken cancellationToken)
    {
        var location = TableKeys.NewObjectName();
        var prefix = BlockPrefix.New();
        using var hash = new OneShotHash(algorithm);
        var queued = context.Announcements.QueueRepositoryAsync(repository, CancellationToken.None);
        await using var stager = new BlockStager(context.Objects, location, prefix, hash, context.Options.BlockSize, RegistryOptions.MaxBlocks);
        (await stager.CopyAsync(body, cancellationToken))?.Throw();
        if (length is { } said && said != stager.Length) throw new RegistryException(RegistryError.SizeInvalid);
        var digest = hash.FinishDigest();
        if (expected is { } wanted && wanted != digest) throw new RegistryException(RegistryError.DigestInvalid);
        await context.DemandWritableAsync(CancellationToken.None);
        await StoreAsync(stager, location, prefix);
        await queued;
        await new BlobLinks(context).CommitAsync(repository, digest, stager.Length, location, CancellationToken.None);
        return new Descriptor(MediaTypes.OctetStream, digest, stager.Length);
    }

    private async Task StoreAsync(BlockStager stager, string location, BlockPrefix prefix)
    {
        if (stager.Staged == 0)
        {
            // "Exists" can only be our own first try, whose answer was lost: nobody else knows this name.
            await context.Objects.PutAsync(location, stager.Rest.Content(), CancellationToken.None);
            return;
        }

        await stager.FlushAsync();
        var ids = new Segment(prefix, stager.Staged, stager.Confirmed).BlockIds().ToList();
        if (await context.Objects.CommitBlocksAsync(location, ids, CancellationToken.None) == WriteOutcome.NotFound)
        {
            throw new StorageUnavailableException("Blocks that were staged a moment ago are not there.");
        }
    }
}
