using System.IO.Pipelines;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>The end of an upload session that is claimed for a digest: its blocks become an object, and the object a blob.</summary>
/// <param name="context">The registry.</param>
/// <param name="links">Links the blob.</param>
/// <param name="repository">Where it is pushed to.</param>
/// <param name="row">The session's row.</param>
internal sealed class UploadFinish(RegistryContext context, BlobLinks links, RepositoryName repository, RowKey row)
{
    /// <summary>Makes the bytes of a claimed session a blob, whatever an earlier try has reached.</summary>
    /// <exception cref="RegistryException">
    /// BLOB_UPLOAD_UNKNOWN: the bytes are gone; DIGEST_INVALID: they have another digest, and the session ends; DENIED: a quota, and the upload can be finished later.
    /// </exception>
    public async Task<Descriptor> RunAsync(UploadSession session, Digest digest, CancellationToken cancellationToken)
    {
        // What has another digest than it is said to have is not counted.
        if (session.Verified) await links.AdmitAsync(repository, digest, session.Offset, cancellationToken);
        var queued = context.Announcements.QueueRepositoryAsync(repository, CancellationToken.None);
        var outcome = session.BlockCount == 0
            ? await context.Objects.PutAsync(session.Location, default, CancellationToken.None)
            : await context.Objects.CommitBlocksAsync(session.Location, session.BlockIds, CancellationToken.None);
        await queued;
        if (outcome == WriteOutcome.NotFound)
        {
            // An earlier PUT found the blob under another location and dropped these bytes. The claim proves that the client had the content.
            if (session.Verified && await links.AdoptAsync(repository, digest, session.Offset, CancellationToken.None)) return Describe(session, digest);
            throw new RegistryException(RegistryError.BlobUploadUnknown);
        }

        if (!session.Verified)
        {
            session = await VerifyAsync(session, digest, cancellationToken);
            await links.AdmitAsync(repository, digest, session.Offset, cancellationToken);
        }

        await links.CommitAsync(repository, digest, session.Offset, session.Location, CancellationToken.None);
        return Describe(session, digest);
    }

    // The session's running hash is SHA-256. For another algorithm the bytes, now an object that nothing links to, are read back.
    private async Task<UploadSession> VerifyAsync(UploadSession session, Digest digest, CancellationToken cancellationToken)
    {
        using var hash = new OneShotHash(digest.Algorithm);
        var stream = await context.Objects.OpenAsync(session.Location, 0, null, cancellationToken) ?? throw new RegistryException(RegistryError.BlobUploadUnknown);
        await using (stream)
        {
            await PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 128 * 1024)).HashAsync(hash, cancellationToken);
        }

        if (hash.FinishDigest() == digest)
        {
            // Recorded before anything links to the bytes: should they be dropped for others of the same content, a retry knows that the client had them.
            // Lost to another PUT of the same upload, which has found the same, it need not be written again.
            var verified = session with { Verified = true };
            var result = await context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Replace(row, verified.ToProperties(), session.ETag!), CancellationToken.None);
            return verified with { ETag = result.ETag ?? session.ETag };
        }

        var gone = new RowWrite.Replace(row, (UploadSession.Gone with { Others = session.Others }).ToProperties(), session.ETag!);
        if ((await context.Tables.WriteAsync(TableKeys.RegistryTable, gone, CancellationToken.None)).Done)
        {
            await context.Objects.DeleteAsync(session.Location, null, CancellationToken.None);
        }

        throw new RegistryException(RegistryError.DigestInvalid);
    }

    private static Descriptor Describe(UploadSession session, Digest digest) => new(MediaTypes.OctetStream, digest, session.Offset);
}
