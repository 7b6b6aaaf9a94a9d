using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Copying;

/// <summary>Copies blobs, each once and some at a time, of however many images: those that are there are not sent, and those that are elsewhere in the same registry are mounted.</summary>
internal sealed class BlobCopy(ImageSourceReader source, IImageTarget target, PartedBlobs? parts, CopyOptions options, CopyProgress progress)
{
    private readonly OnceEach _blobs = new();
    private readonly SharedLimit _limit = new(options.MaxParallel);

    public Task CopyAsync(Descriptor blob, CancellationToken cancellationToken) =>
        _blobs.RunAsync(blob.Digest, () => _limit.RunAsync(() => CopyNowAsync(blob, cancellationToken), cancellationToken));

    /// <returns>Whether it was sent.</returns>
    private async Task<bool> CopyNowAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        if (await source.Patience.RunAsync(() => target.KeepBlobAsync(blob, options.DryRun, cancellationToken), source.Time, cancellationToken))
        {
            progress.AddPresent();
            return false;
        }

        progress.Expect(blob.Size);
        if (options.DryRun) return false;
        for (var attempt = 1; !await TrySendAsync(blob, attempt, cancellationToken); attempt++)
        {
        }

        return true;
    }

    /// <returns>False when it is to be tried again.</returns>
    private async Task<bool> TrySendAsync(Descriptor blob, int attempt, CancellationToken cancellationToken)
    {
        using var transfer = progress.Begin(blob);
        if (parts is not null && blob.Size > options.PartSize) return await TrySendPartsAsync(parts, blob, transfer, attempt, cancellationToken);
        // The target may do without what the source does not have: it refuses the manifest if it may not.
        if (await BlobReader.OpenAsync(source, blob, 0, transfer, cancellationToken) is not { } content) return true;
        await using (content)
        {
            try
            {
                await target.PutBlobAsync(blob, content, cancellationToken);
                progress.AddBlob();
                return true;
            }
            catch (ImageSourceException e) when (!content.HasFailed && source.Patience.MayTryAgain(e, attempt))
            {
                await source.Patience.WaitAsync(e, attempt, source.Time, cancellationToken);
                return false;
            }
        }
    }

    private async Task<bool> TrySendPartsAsync(PartedBlobs sender, Descriptor blob, BlobTransfer transfer, int attempt, CancellationToken cancellationToken)
    {
        try
        {
            if (await sender.SendAsync(source, blob, transfer, cancellationToken)) progress.AddBlob();
            return true;
        }
        // The source itself has been asked patiently by then.
        catch (ImageSourceException e) when (e.InnerException is not ImageSourceException && source.Patience.MayTryAgain(e, attempt))
        {
            await source.Patience.WaitAsync(e, attempt, source.Time, cancellationToken);
            return false;
        }
    }
}
