using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Manifests;

/// <summary>
/// Deletes the tags and manifests of a repository while others may push to it.
/// <code>
///   tags, a page at a time, by their ETags            a tag that is moved or made meanwhile stays
///   rounds, until one deletes nothing or nothing is left:
///     for each 10,000 manifests, in order of their digests
///       read their rows                                whoever tags or names one from now on touches its row, and its deletion fails
///       read all tags, read what all manifests name    whoever did so before is seen here
///       delete those that nobody tags or names, each with its row in the list of referrers
/// </code>
/// That the repository is gone is told with the last batch; where that could not be applied as a whole, right after it.
/// So an index goes a round before what it names, and a removal that is cut off leaves nothing that names what is gone; the next one goes on. Memory is that of 10,000 manifests, and so
/// long as a repository has no more, calls grow with the number of its rows.
/// </summary>
internal sealed class RepositoryRemoval(RegistryContext context, RepositoryName repository, Action<RemovalProgress>? report, int mostAtOnce = RepositoryRemoval.MostAtOnce)
{
    /// <summary>Manifests that are held in memory.</summary>
    public const int MostAtOnce = 10_000;

    /// <summary>Who removes it.</summary>
    public ChangeOrigin Origin { get; init; } = ChangeOrigin.Of("remove");

    // Each is two rows with its referrer.
    private readonly int _manifestsInBatch = (TableLimits.BatchCount - context.Outbox.MaxRows) / 2;

    private RemovalProgress _progress = new(0, 0, 0);
    private bool _told;

    /// <param name="isListed">Whether the repository is in the catalog, though there may be nothing left to delete.</param>
    /// <param name="cancellationToken">Stops it at the next call to storage.</param>
    /// <exception cref="RegistryException">DENIED: a tag is immutable, and nothing was deleted. UNSUPPORTED: the registry is read-only by now.</exception>
    public async Task<RemovalProgress> RunAsync(bool isListed, CancellationToken cancellationToken)
    {
        await Task.WhenAll(context.Announcements.QueueRepositoryAsync(repository, cancellationToken), context.Outbox.AnnounceAsync(EventAction.Delete, repository, cancellationToken));
        var immutability = await context.GetImmutabilityAsync(repository, cancellationToken);
        if (immutability.IsAny) await DemandNoneImmutableAsync(immutability, cancellationToken);
        await DeleteTagsAsync(cancellationToken);
        long before;
        do
        {
            before = _progress.Manifests;
            _progress = _progress with { Kept = 0 };
            await DeleteRoundAsync(cancellationToken);
        }
        while (_progress.Kept > 0 && _progress.Manifests > before);

        if (_progress.Kept == 0 && !_told && (isListed || _progress.Tags + _progress.Manifests > 0) && await IsLastAsync(0, cancellationToken)) await TellAsync([], cancellationToken);
        return _progress;
    }

    /// <summary>Deletes the last rows together with telling that the repository is gone.</summary>
    private async Task<bool> TellAsync(IEnumerable<RowWrite> last, CancellationToken cancellationToken)
    {
        var events = await context.Outbox.PrepareAsync(new RegistryChange(EventAction.Delete, repository), Origin, cancellationToken);
        List<RowWrite> batch = [.. events.Inserts, .. last];
        if (batch.Count == 0) return _told = true;
        var result = await context.Tables.WriteAsync(TableKeys.RegistryTable, batch, cancellationToken);
        _told = result.Done || await context.Tables.WasAppliedAsync(TableKeys.RegistryTable, events.Inserts, result, cancellationToken);
        if (_told) events.Raise();
        return _told;
    }

    private async Task DemandNoneImmutableAsync(Immutability immutability, CancellationToken cancellationToken)
    {
        foreach (var digest in immutability.Manifests) immutability.DemandMutable(digest);
        await foreach (var row in ListAsync(TableKeys.TagPrefix, [], cancellationToken)) immutability.DemandMutable(TagOf(row));
    }

    private async Task DeleteTagsAsync(CancellationToken cancellationToken)
    {
        await foreach (var rows in ListAsync(TableKeys.TagPrefix, [], cancellationToken).Chunk(TableLimits.BatchCount))
        {
            await context.DemandWritableAsync(cancellationToken);
            // One that was made immutable since, or made at all.
            var immutability = await context.GetImmutabilityAsync(repository, cancellationToken);
            TableRow[] mutable = [.. rows.Where(r => !immutability.Holds(TagOf(r)))];
            var gone = await context.Tables.DeleteUnchangedAsync(TableKeys.RegistryTable, mutable, cancellationToken);
            Report(_progress with { Tags = _progress.Tags + gone.Count });
        }
    }

    private async Task DeleteRoundAsync(CancellationToken cancellationToken)
    {
        await foreach (var rows in ListAsync(TableKeys.ManifestPrefix, ManifestRow.CollectorProperties, cancellationToken).Chunk(mostAtOnce))
        {
            var free = rows.Select(r => new Entry(r.Key, r.ETag, DigestOf(r), ManifestRow.Subject(r))).ToDictionary(e => e.Digest);
            var kept = await KeepUsedAsync(free, cancellationToken);
            var left = free.Count;
            foreach (var batch in free.Values.Chunk(_manifestsInBatch))
            {
                await context.DemandWritableAsync(cancellationToken);
                left -= batch.Length;
                var isEnd = left == 0 && kept + _progress.Kept == 0 && await IsLastAsync(batch.Length, cancellationToken);
                var gone = await DeleteAsync(batch, isEnd, cancellationToken);
                kept += batch.Length - gone;
                Report(_progress with { Manifests = _progress.Manifests + gone });
            }

            _progress = _progress with { Kept = _progress.Kept + kept };
        }
    }

    /// <summary>Takes those away that a tag points at or a manifest names.</summary>
    /// <returns>How many.</returns>
    private async Task<int> KeepUsedAsync(Dictionary<Digest, Entry> manifests, CancellationToken cancellationToken)
    {
        var count = manifests.Count;
        await foreach (var tag in ListAsync(TableKeys.TagPrefix, [ManifestRow.DigestProperty], cancellationToken)) manifests.Remove(ManifestRow.TagDigest(tag));
        await foreach (var row in ListAsync(TableKeys.ManifestPrefix, ManifestRow.CollectorProperties, cancellationToken))
        {
            var digest = DigestOf(row);
            // One that names itself has its content in a blob.
            foreach (var named in ManifestRow.FindReferences(row) ?? await ReadReferencesAsync(digest, cancellationToken))
            {
                if (named != digest) manifests.Remove(named);
            }
        }

        return count - manifests.Count;
    }

    // The list did not fit into the row. What cannot be read goes like everything else, and names nothing.
    private async Task<IEnumerable<Digest>> ReadReferencesAsync(Digest digest, CancellationToken cancellationToken) =>
        await new ManifestStore(context, repository).ReadReferencesAsync(digest, cancellationToken) ?? [];

    /// <returns>How many are gone; the others were touched meanwhile.</returns>
    private async Task<int> DeleteAsync(Entry[] manifests, bool isEnd, CancellationToken cancellationToken)
    {
        var done = isEnd ? await TellAsync(manifests.SelectMany(Deletes), cancellationToken)
            : (await context.Tables.WriteAsync(TableKeys.RegistryTable, [.. manifests.SelectMany(Deletes)], cancellationToken)).Done;
        if (done) return manifests.Length;
        // One was touched or is gone, or the answer to a first try was lost: each for itself.
        var gone = 0;
        foreach (var manifest in manifests)
        {
            if (await DeleteAsync(manifest, cancellationToken)) gone++;
        }

        return gone;
    }

    private async Task<bool> DeleteAsync(Entry manifest, CancellationToken cancellationToken)
    {
        if ((await context.Tables.WriteAsync(TableKeys.RegistryTable, [.. Deletes(manifest)], cancellationToken)).Done) return true;
        // Without its row in the list of referrers the batch cannot be applied either.
        var alone = await context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.Delete(manifest.Key, manifest.ETag), cancellationToken);
        return alone.Outcome is WriteOutcome.Done or WriteOutcome.NotFound;
    }

    // Whoever pushes the manifest again writes both rows, so the version of the one stands for the other.
    private IEnumerable<RowWrite> Deletes(Entry manifest)
    {
        yield return new RowWrite.Delete(manifest.Key, manifest.ETag);
        if (manifest.Subject is { } subject) yield return new RowWrite.Delete(TableKeys.Referrer(repository, subject, manifest.Digest), "*");
    }

    private IAsyncEnumerable<TableRow> ListAsync(string prefix, IReadOnlyList<string> properties, CancellationToken cancellationToken) =>
        context.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(repository), prefix) with { Select = properties }, cancellationToken);

    private void Report(RemovalProgress progress)
    {
        _progress = progress;
        report?.Invoke(progress);
    }

    // Whether so many manifests are all that there are, somebody's who pushes meanwhile included. Asked only where somebody is to be told.
    private async Task<bool> IsLastAsync(int count, CancellationToken cancellationToken) => context.Outbox.MaxRows > 0
        && (await context.Tables.TakeAsync(TableKeys.RegistryTable, RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.ManifestPrefix) with { Select = [] }, count, cancellationToken)) is { More: false };

    private static Digest DigestOf(TableRow row) => Digest.Parse(row.Key.Row[TableKeys.ManifestPrefix.Length..]);

    private static Tag TagOf(TableRow row) => Tag.Parse(row.Key.Row[TableKeys.TagPrefix.Length..]);

    private sealed record Entry(RowKey Key, string ETag, Digest Digest, Digest? Subject);
}

/// <summary>How far the removal of a repository has come.</summary>
/// <param name="Tags">Tags that are gone.</param>
/// <param name="Manifests">Manifests that are gone.</param>
/// <param name="Kept">Manifests that stay, when it has ended: somebody pushed, tagged or named them meanwhile.</param>
public sealed record RemovalProgress(long Tags, long Manifests, long Kept);
