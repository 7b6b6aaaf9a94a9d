using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Verification;

/// <summary>
/// Bytes of the right size that do not have their blob's digest. A push that joins the blob looks at the size alone and would leave them, so a run that repairs deletes them: what is
/// missing is brought by another object or by the next push. Nobody misses them, because clients refuse what has another digest.
/// <code>
///   look at the object         its version
///   read it a second time      another digest: a read was wrong, not the bytes
///   look at it again           another version, or nothing: somebody else is at work on them, and this run deletes nothing that nobody names
///   read the blobs of the digests that they have       one names the same object: they are right for that one
///   touch ! by its ETag        gone, or elsewhere by now: left to the collector
///   delete that version
/// </code>
/// They go before anything is looked for in their place: a run that is cut off then leaves a blob whose bytes are missing, which the next run finds without reading all bytes again.
/// </summary>
internal sealed class WrongBytes(VerifyRun run, LostBlobs lost)
{
    private readonly BlobLinks _links = new(run.Context);

    /// <param name="blob">The blob.</param>
    /// <param name="size">Its size in bytes, and that of what is stored.</param>
    /// <param name="location">Where they are.</param>
    /// <param name="actual">The digest that they have.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task HandleAsync(Digest blob, long size, string location, Digest actual, CancellationToken cancellationToken)
    {
        var note = $"the bytes have the digest {actual}";
        if (!run.Options.Repair)
        {
            run.Report(VerifyKind.WrongContent, note, digest: blob, objectName: location);
            return;
        }

        if (await ProveAsync(blob, size, location, actual, cancellationToken) is not { } etag) return;
        if (await FindOwnerAsync(size, location, actual, cancellationToken) is { } owner)
        {
            run.Report(VerifyKind.WrongContent, $"{note}; they are right for {owner}, which names the same object, and stay", digest: blob, objectName: location);
            return;
        }

        if (!await run.MayRepairAsync(cancellationToken) || !await _links.HoldAsync(blob, location, cancellationToken)) return;
        if (await run.Context.Objects.DeleteAsync(location, etag, cancellationToken) == WriteOutcome.ETagMismatch)
        {
            TellOfOthers(blob, location);
            return;
        }

        lost.Add(new LostBlob(VerifyKind.WrongContent, blob, size, location, $"{note} and were deleted"));
    }

    /// <returns>The version that was proved to be wrong; null when there is none.</returns>
    private async Task<string?> ProveAsync(Digest blob, long size, string location, Digest actual, CancellationToken cancellationToken)
    {
        var seen = await run.FindObjectAsync(location, cancellationToken);
        var again = await run.HashAsync(location, size, blob.Algorithm, cancellationToken);
        if (seen is null || (await run.FindObjectAsync(location, cancellationToken))?.ETag != seen.ETag)
        {
            TellOfOthers(blob, location);
            return null;
        }

        if (again == actual) return seen.ETag;
        run.Report(VerifyKind.Unchecked, $"the bytes were read as {actual} first and as {again} then", digest: blob, objectName: location);
        return null;
    }

    // Whoever has deleted the bytes may be looking for others, so this run must not take for garbage what he is going to find.
    private void TellOfOthers(Digest blob, string location) => run.Report(VerifyKind.Unchecked, "somebody has changed the bytes while they were looked at", digest: blob, objectName: location);

    /// <returns>A digest that the bytes do have, and whose blob or links name them; null when there is none.</returns>
    private async Task<Digest?> FindOwnerAsync(long size, string location, Digest actual, CancellationToken cancellationToken)
    {
        foreach (var algorithm in Enum.GetValues<DigestAlgorithm>())
        {
            var digest = algorithm == actual.Algorithm ? actual : await run.HashAsync(location, size, algorithm, cancellationToken);
            if (digest is null) continue;
            var rows = RowQuery.Prefix(digest.ToString(), "") with { Select = [BlobLinks.LocationProperty] };
            await foreach (var row in run.Context.Tables.ListAsync(TableKeys.BlobsTable, rows, cancellationToken))
            {
                if (row.FindString(BlobLinks.LocationProperty) == location) return digest;
            }
        }

        return null;
    }
}
