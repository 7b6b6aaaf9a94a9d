using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Text;
using Serverless.Registry.Blobs;
using Serverless.Registry.Blobs.Hashing;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Adoption;

/// <summary>
/// Takes over the blobs of one repository, in the order in which they cost least:
/// <code>
///   the registry has the blob                        a link to it
///   the bytes are there, and as many as they should  a link to where they lie, the first time that this digest is adopted
///                                                    else a copy under a new name
/// </code>
/// </summary>
/// <param name="run">The run.</param>
/// <param name="repository">The repository.</param>
internal sealed class BlobAdoption(AdoptRun run, RepositoryName repository)
{
    // A digest as text, with room for the line break that somebody may have written behind it.
    private const int MaxLink = 256;

    private readonly BlobLinks _links = new(run.Context);
    private readonly ConcurrentDictionary<(Digest Digest, long Size), Lazy<Task<AdoptFinding?>>> _blobs = new();

    /// <summary>Takes a blob over; once, however many manifests name it.</summary>
    /// <param name="digest">The blob.</param>
    /// <param name="size">Its size in bytes, as a manifest says it; 0 may stand for not said.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Why it cannot be taken over; null: it is the repository's.</returns>
    public Task<AdoptFinding?> AdoptAsync(Digest digest, long size, CancellationToken cancellationToken) =>
        _blobs.GetOrAdd((digest, size), _ => new Lazy<Task<AdoptFinding?>>(() => FindAndAdoptAsync(digest, size, cancellationToken))).Value;

    private async Task<AdoptFinding?> FindAndAdoptAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        var finding = await TakeAsync(digest, size, cancellationToken) is var (kind, note) ? new AdoptFinding(kind, repository, digest.ToString(), note) : null;
        if (finding is not null) run.Report(finding.Kind, repository, finding.What, finding.Note);
        return finding;
    }

    private async Task<(AdoptFindingKind Kind, string Note)?> TakeAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        if (!run.Options.DryRun)
        {
            await run.Context.Announcements.QueueRepositoryAsync(repository, cancellationToken);
            await run.Context.DemandWritableAsync(cancellationToken);
        }

        if (await JoinAsync(digest, size, cancellationToken))
        {
            run.Progress.AddShared();
            return null;
        }

        if (await LocateAsync(digest, cancellationToken) is not { } location) return (AdoptFindingKind.Missing, "the repository's link to the blob cannot be read");
        if (await run.Context.Objects.FindAsync(location, cancellationToken) is not { } found) return (AdoptFindingKind.Missing, $"the bytes of the blob are not there: {location}");
        var isAlias = location != run.Layout.DataOf(digest);
        // Some manifests say no size: then only the digest tells.
        if (found.Size != size && size != 0) return (AdoptFindingKind.Refused, $"{found.Size} bytes are stored of a blob of {size}");
        if ((run.Options.Verify || found.Size != size || isAlias) && await HashAsync(location, digest.Algorithm, cancellationToken) is var actual && actual != digest)
        {
            return actual is null ? (AdoptFindingKind.Missing, $"the bytes of the blob are not there: {location}") : (AdoptFindingKind.Refused, $"the bytes that are stored have the digest {actual}");
        }

        return await LinkAsync(digest, found, isAlias, cancellationToken);
    }

    private async Task<bool> JoinAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        if (await run.Context.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), cancellationToken) is not { } row) return false;
        // What has lost its bytes may get them back from where distribution has put them.
        return run.Options.DryRun || await _links.AdoptAsync(repository, digest, size == 0 ? _links.Read(digest, row).Descriptor.Size : size, cancellationToken);
    }

    private async Task<(AdoptFindingKind Kind, string Note)?> LinkAsync(Digest digest, StoredObject found, bool isAlias, CancellationToken cancellationToken)
    {
        if (run.Options.DryRun)
        {
            var isSpent = isAlias || await run.Context.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Adopted(digest), cancellationToken) is not null;
            if (!run.IsFirst(digest)) run.Progress.AddShared();
            else if (isSpent) run.Progress.AddCopy();
            else run.Progress.AddBlob(found.Size);
            return null;
        }

        // Bytes that two digests name would go with the first of them.
        switch (isAlias ? LinkedInPlace.Spent : await _links.LinkInPlaceAsync(repository, digest, found.Size, found.Name, cancellationToken))
        {
            // Of two repositories at the same moment both may be told so.
            case LinkedInPlace.First when run.IsFirst(digest):
                run.Progress.AddBlob(found.Size);
                return null;
            case LinkedInPlace.First:
            case LinkedInPlace.Elsewhere:
                run.Progress.AddShared();
                return null;
            case LinkedInPlace.Spent when await CopyAsync(digest, found, cancellationToken):
                run.Progress.AddCopy();
                return null;
            default:
                return (AdoptFindingKind.Missing, $"the bytes of the blob have gone meanwhile: {found.Name}");
        }
    }

    private async Task<bool> CopyAsync(Digest digest, StoredObject found, CancellationToken cancellationToken)
    {
        var location = TableKeys.NewObjectName();
        if (await run.Context.Objects.CopyAsync(found.Name, found.Size, location, null, cancellationToken) == WriteOutcome.NotFound) return false;
        await _links.CommitAsync(repository, digest, found.Size, location, CancellationToken.None);
        return true;
    }

    /// <summary>Where the bytes are: those of a blob that was pushed by a SHA-512 digest are under their SHA-256.</summary>
    private async Task<string?> LocateAsync(Digest digest, CancellationToken cancellationToken)
    {
        if (digest.Algorithm == DigestAlgorithm.Sha256) return run.Layout.DataOf(digest);
        var text = await run.ReadAsync(run.Layout.LayerOf(repository, digest), MaxLink, cancellationToken);
        return text is not null && Digest.TryParse(Encoding.UTF8.GetString(text).Trim(), out var target) ? run.Layout.DataOf(target) : null;
    }

    private async Task<Digest?> HashAsync(string location, DigestAlgorithm algorithm, CancellationToken cancellationToken)
    {
        if (await run.Context.Objects.OpenAsync(location, 0, null, cancellationToken) is not { } stream) return null;
        using var hash = new OneShotHash(algorithm);
        await using (stream)
        {
            await PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 128 * 1024)).HashAsync(hash, cancellationToken);
        }

        return hash.FinishDigest();
    }
}
