using System.Buffers;
using System.IO.Pipelines;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>
/// A blob that comes whole in one request: no session, the hash that the processor does best, and a single write when it fits into one block. The digest
/// is compared before anything is committed.
/// </summary>
/// <param name="context">The registry.</param>
/// <param name="repository">Where it is pushed to.</param>
/// <param name="origin">Who pushes it; null where nobody is told of it.</param>
internal sealed class WholeBlob(RegistryContext context, RepositoryName repository, ChangeOrigin? origin)
{
    private readonly BlobLinks _links = new(context, origin);

    /// <summary>Stores and links the blob.</summary>
    /// <param name="body">The content.</param>
    /// <param name="expected">What it is said to be; null takes it as it is.</param>
    /// <param name="algorithm">The algorithm of the digest.</param>
    /// <param name="length">Its length in bytes, if that was said.</param>
    /// <param name="cancellationToken">Ends the reading of the body, and nothing after that: bytes that are stored without their rows would stay for ever.</param>
    /// <exception cref="RegistryException">DIGEST_INVALID, SIZE_INVALID, or DENIED for a quota; nothing was stored.</exception>
    public async Task<Descriptor> PutAsync(PipeReader body, Digest? expected, DigestAlgorithm algorithm, long? length, CancellationToken cancellationToken)
    {
        var location = TableKeys.NewObjectName();
        var prefix = BlockPrefix.New();
        using var hash = new OneShotHash(algorithm);
        var queued = context.Announcements.QueueRepositoryAsync(repository, CancellationToken.None);
        Descriptor blob;
        // Its memory is others' as soon as storage has the bytes.
        await using (var stager = new BlockStager(context, location, prefix, hash, RegistryOptions.MaxBlocks))
        {
            (await stager.CopyAsync(body, cancellationToken))?.Throw();
            if (length is { } said && said != stager.Length) throw new RegistryException(RegistryError.SizeInvalid);
            blob = Describe(hash, stager.Length, expected);
            await context.DemandWritableAsync(CancellationToken.None);
            await _links.AdmitAsync(repository, blob.Digest, blob.Size, cancellationToken);
            await StoreAsync(stager, location, prefix);
        }

        await queued;
        await _links.CommitAsync(repository, blob.Digest, blob.Size, location, CancellationToken.None);
        return blob;
    }

    /// <summary>As the other, of content that is in memory already and takes none of what there is for bodies. It is put by one call, whatever its size.</summary>
    public async Task<Descriptor> PutAsync(ReadOnlyMemory<byte> content, Digest? expected, DigestAlgorithm algorithm, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var location = TableKeys.NewObjectName();
        using var hash = new OneShotHash(algorithm);
        hash.Append(content.Span);
        var blob = Describe(hash, content.Length, expected);
        var queued = context.Announcements.QueueRepositoryAsync(repository, CancellationToken.None);
        await context.DemandWritableAsync(CancellationToken.None);
        await _links.AdmitAsync(repository, blob.Digest, blob.Size, cancellationToken);
        await PutAsync(location, new ReadOnlySequence<byte>(content));
        await queued;
        await _links.CommitAsync(repository, blob.Digest, blob.Size, location, CancellationToken.None);
        return blob;
    }

    private static Descriptor Describe(OneShotHash hash, long size, Digest? expected)
    {
        var digest = hash.FinishDigest();
        return expected is { } wanted && wanted != digest
            ? throw new RegistryException(RegistryError.DigestInvalid)
            : new Descriptor(MediaTypes.OctetStream, digest, size);
    }

    // "Exists" can only be our own first try, whose answer was lost: nobody else knows this name.
    private Task PutAsync(string location, ReadOnlySequence<byte> content) => context.Objects.PutAsync(location, content, CancellationToken.None);

    private async Task StoreAsync(BlockStager stager, string location, BlockPrefix prefix)
    {
        if (stager.Staged == 0)
        {
            await PutAsync(location, stager.Rest);
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
