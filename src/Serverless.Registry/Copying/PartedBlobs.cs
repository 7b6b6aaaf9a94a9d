using System.IO.Pipelines;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>
/// Sends blobs of any size in parts, by upload sessions like those of clients, so that whoever is cut off, or dies, goes on behind the last part and asks the source for the rest only:
/// <code>
///   a row for the upload -> noted -> part -> part -> ... -> finished -> forgotten
///                                     |        |
///                                     '--------'-- cut off: what has come of a part is kept as well; killed: the part is sent again
/// </code>
/// A note that leads nowhere, because the upload has expired or was finished, is like none.
/// </summary>
internal sealed class PartedBlobs(BlobStore blobs, IUploadNotes notes, long partSize, CopyProgress progress)
{
    /// <summary>Sends a blob, or what is missing of it.</summary>
    /// <returns>False when the source does not have it.</returns>
    /// <exception cref="ImageSourceException">The source broke off, or sent other bytes.</exception>
    public async Task<bool> SendAsync(ImageSourceReader source, Descriptor blob, BlobTransfer transfer, CancellationToken cancellationToken)
    {
        var (upload, kept) = await OpenAsync(blob.Digest, cancellationToken);
        if (kept < blob.Size)
        {
            await using var rest = await BlobReader.OpenAsync(source, blob, kept, transfer, cancellationToken);
            if (rest is null) return false;
            await AppendAsync(blob, upload, rest, cancellationToken);
        }

        await FinishAsync(blob, upload, kept > 0, cancellationToken);
        return true;
    }

    private async Task<(BlobUpload Upload, long Kept)> OpenAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (notes.Find(digest) is { } note && await blobs.FindUploadAsync(note.Id, note.State, cancellationToken) is { } noted)
        {
            try
            {
                return (noted, await noted.GetSizeAsync(cancellationToken));
            }
            catch (RegistryException e) when (e.Error == RegistryError.BlobUploadUnknown)
            {
                // Finished, or purged: a new one takes its place.
            }
        }

        var upload = await blobs.StartRecordedUploadAsync(cancellationToken);
        await notes.KeepAsync(digest, new UploadNote(upload.Id, upload.State), cancellationToken);
        // Tells the upload that it has a row, and so where to go on.
        return (upload, await upload.GetSizeAsync(cancellationToken));
    }

    private async Task AppendAsync(Descriptor blob, BlobUpload upload, BlobReader rest, CancellationToken cancellationToken)
    {
        for (var isMore = true; isMore;)
        {
            var part = new PartStream(rest, partSize);
            var body = PipeReader.Create(part, new StreamPipeReaderOptions(bufferSize: 128 * 1024, leaveOpen: true));
            try
            {
                var result = await upload.AppendAsync(body, null, cancellationToken);
                if (!result.Accepted || result.CutOff) throw new ImageSourceException($"The upload of {blob.Digest} was gone on with elsewhere, or the source was slow while others waited.") { IsTransient = true };
            }
            catch (IOException e) when (e.InnerException is ImageSourceException broken)
            {
                // Thrown once more, as what it is: what came before it has been kept.
                throw new ImageSourceException(broken.Message, broken) { IsTransient = broken.IsTransient, RetryAfter = broken.RetryAfter };
            }
            finally
            {
                await body.CompleteAsync();
            }

            if (!part.IsEmpty) progress.AddPart();
            isMore = !part.IsEnd;
        }
    }

    private async Task FinishAsync(Descriptor blob, BlobUpload upload, bool isContinued, CancellationToken cancellationToken)
    {
        try
        {
            var nothing = PipeReader.Create(Stream.Null);
            if (await upload.CommitAsync(blob.Digest, nothing, null, cancellationToken) is null) throw new ImageSourceException($"The upload of {blob.Digest} was changed elsewhere while it was finished.") { IsTransient = true };
        }
        catch (RegistryException e) when (e.Error == RegistryError.DigestInvalid || e.Error == RegistryError.BlobUploadInvalid)
        {
            await upload.CancelAsync(cancellationToken);
            await notes.KeepAsync(blob.Digest, null, cancellationToken);
            // Of what came at another time nobody knows any more whether it was right; all of it once more tells.
            throw new ImageSourceException($"The source sent other bytes than those of {blob.Digest}.", e) { IsTransient = isContinued };
        }

        await notes.KeepAsync(blob.Digest, null, cancellationToken);
    }
}
