using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Blobs;

/// <summary>
/// The rows of blobs: who links to which bytes. Every change that makes a link rewrites the blob's own row <c>!</c> in the same batch, and the collector
/// deletes <c>!</c> only by the ETag it read, before the bytes. So either the collector's delete fails, or the new link finds no <c>!</c>:
/// <code>
///   push                                     collector
///   bytes under a fresh name                 read ! (old), no links
///   hint b:                                  |
///   batch: insert !, link      --or--        delete ! by its ETag   (412: somebody linked; the blob lives)
///     exists: batch: touch ! by its ETag,    bytes of the ! it deleted
///             link with the location of !
///             its bytes are missing or cut short: ours are copied there
///     gone meanwhile: insert again
/// </code>
/// Each of these batches begins with the events of the link, where somebody is told of it.
/// The location of a blob never changes while it has links, because they carry copies of it: what has lost its bytes gets them back under the same name.
/// </summary>
/// <param name="context">The registry.</param>
/// <param name="origin">Who pushes, mounts and deletes; null where nobody is told of it.</param>
internal sealed class BlobLinks(RegistryContext context, ChangeOrigin? origin = null)
{
    /// <summary>Where the bytes are: what is read of the rows of blobs and of links by those who ask only which objects are named.</summary>
    public const string LocationProperty = "location";

    /// <summary>The size in bytes: of rows of blobs, of links, and of hints, where a release before this one has left it out.</summary>
    public const string SizeProperty = "size";

    /// <summary>The repository's link; null when it has none.</summary>
    public Task<TableRow?> FindLinkAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        context.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Link(digest, repository), cancellationToken);

    /// <summary>What a link or a <c>!</c> row points at.</summary>
    public Blob Read(Digest digest, TableRow row) => new(context.Objects, digest, row.GetInt64(SizeProperty), row.GetString(LocationProperty));

    /// <summary>The object that a link or a <c>!</c> row names.</summary>
    public static string LocationOf(TableRow row) => row.GetString(LocationProperty);

    /// <summary>The size in bytes that a link or a <c>!</c> row tells.</summary>
    public static long SizeOf(TableRow row) => row.GetInt64(SizeProperty);

    /// <summary>Makes the link young, so that it is not collected for a grace; false when there is none.</summary>
    public async Task<bool> TouchAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        (await context.Tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Touch(TableKeys.Link(digest, repository)), cancellationToken)).Done;

    /// <summary>
    /// Counts a blob that somebody is about to link, where its namespace has a quota: before the hint and the link, so that a crash counts too much for a while and never too little. What the
    /// repository holds already counts once, unless the collector may be about to take it away. Without a quota it costs nothing.
    /// </summary>
    /// <exception cref="RegistryException">DENIED: the namespace may not hold as much. Nothing was counted.</exception>
    public async Task AdmitAsync(RepositoryName repository, Digest digest, long size, CancellationToken cancellationToken)
    {
        if (await context.Quotas.FindAsync(repository, cancellationToken) is not { } quota) return;
        if (await FindLinkAsync(repository, digest, cancellationToken) is { } link && context.IsYoung(link)) return;
        // Before what is noted: the collector counts it, or finds that it came to nothing.
        await context.Announcements.QueueRepositoryAsync(repository, cancellationToken);
        // Whoever pulls through a mirror pushes nothing.
        if (context.Options.FindMirror(repository) is not null) quota = quota with { Hard = null };
        if (await context.Quotas.AddAsync(repository, digest, size, quota, cancellationToken) is not { } passed || origin is null) return;
        await context.Outbox.TellAsync(new RegistryChange(EventAction.Quota, repository) { Size = passed }, origin, cancellationToken);
    }

    /// <summary>
    /// Links bytes that are stored already. When the blob is there under another location, the link takes that one and our bytes, which nobody has
    /// seen, are dropped, once it is sure that nobody needs them there.
    /// </summary>
    public async Task CommitAsync(RepositoryName repository, Digest digest, long size, string location, CancellationToken cancellationToken)
    {
        await Task.WhenAll(HintAsync(repository, digest, size, cancellationToken), AnnounceAsync(EventAction.Push, repository, digest, cancellationToken));
        var (target, found) = await LinkAsync(repository, digest, size, location, cancellationToken);
        // The same location is ours: an earlier try of this call made the row and its answer was lost.
        if (target == location) return;
        if (!await RestoreAsync(location, size, target, found, cancellationToken)) throw new StorageUnavailableException("Bytes that were stored a moment ago are not there.");
        await context.Objects.DeleteAsync(location, null, cancellationToken);
    }

    /// <summary>Links a blob whose content the caller has proved to have, without bytes of its own; false when the blob or its bytes are gone.</summary>
    public async Task<bool> AdoptAsync(RepositoryName repository, Digest digest, long size, CancellationToken cancellationToken)
    {
        await Task.WhenAll(HintAsync(repository, digest, size, cancellationToken), AnnounceAsync(EventAction.Push, repository, digest, cancellationToken));
        var events = await PrepareAsync(EventAction.Push, repository, digest, size, null, cancellationToken);
        return await StorageRetry.RunAsync(async () =>
        {
            var blob = await context.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), cancellationToken);
            if (blob is null) return (true, false);
            var (joined, found) = await JoinAsync(repository, digest, blob, events, cancellationToken);
            return joined ? (true, found?.Size == size) : default;
        }, cancellationToken);
    }

    /// <summary>
    /// Links bytes where somebody else has left them, under a name that is not random. So a digest is linked there once only, for which a row stays behind: a collector that has found the blob
    /// without links may come to delete what is under that name however much later, and must not meet a blob that is in use again.
    /// </summary>
    /// <param name="repository">The repository.</param>
    /// <param name="digest">What the bytes are known to be.</param>
    /// <param name="size">Their size in bytes, as it was found.</param>
    /// <param name="location">Where they are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<LinkedInPlace> LinkInPlaceAsync(RepositoryName repository, Digest digest, long size, string location, CancellationToken cancellationToken)
    {
        await Task.WhenAll(HintAsync(repository, digest, size, cancellationToken), AnnounceAsync(EventAction.Push, repository, digest, cancellationToken));
        var events = await PrepareAsync(EventAction.Push, repository, digest, size, null, cancellationToken);
        return await StorageRetry.RunAsync<LinkedInPlace>(async () =>
        {
            var once = new RowWrite.Insert(TableKeys.Adopted(digest), new Dictionary<string, object> { [LocationProperty] = location });
            RowWrite[] batch = [new RowWrite.Insert(TableKeys.Blob(digest), Properties(size, location)), once, Link(repository, digest, size, location), .. events.Inserts];
            if ((await context.Tables.WriteAsync(TableKeys.BlobsTable, batch, cancellationToken)).Done)
            {
                events.Raise();
                return (true, LinkedInPlace.First);
            }

            if (await context.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), cancellationToken) is not { } blob)
            {
                return await context.Tables.FindAsync(TableKeys.BlobsTable, once.Key, cancellationToken) is null ? default : (true, LinkedInPlace.Spent);
            }

            var (joined, found) = await JoinAsync(repository, digest, blob, events, cancellationToken);
            if (!joined) return default;
            // An earlier try of this call, whose answer was lost; or another repository's.
            if (LocationOf(blob) == location && found?.Size == size) return (true, LinkedInPlace.First);
            return (true, await RestoreAsync(location, size, LocationOf(blob), found, cancellationToken) ? LinkedInPlace.Elsewhere : LinkedInPlace.Lost);
        }, cancellationToken);
    }

    /// <summary>Links a blob that another repository links to; null when it does not, or no longer.</summary>
    public async Task<Blob?> MountAsync(RepositoryName repository, Digest digest, RepositoryName from, CancellationToken cancellationToken)
    {
        await context.DemandOwnAsync(cancellationToken);
        var queued = context.Announcements.QueueRepositoryAsync(repository, cancellationToken);
        var source = await FindLinkAsync(from, digest, cancellationToken);
        await queued;
        if (source is null) return null;
        await AdmitAsync(repository, digest, SizeOf(source), cancellationToken);
        await Task.WhenAll(HintAsync(repository, digest, SizeOf(source), cancellationToken), AnnounceAsync(EventAction.Mount, repository, digest, cancellationToken));
        var events = await PrepareAsync(EventAction.Mount, repository, digest, source.GetInt64(SizeProperty), from, cancellationToken);
        for (var attempt = 0; attempt < 4; attempt++)
        {
            RowWrite[] batch =
            [
                .. events.Inserts,
                // As in JoinAsync: many who mount one base layer would fight over the ETag of its link.
                new RowWrite.Touch(source.Key, context.IsYoung(source) ? "*" : source.ETag),
                new RowWrite.Touch(TableKeys.Blob(digest)),
                Link(repository, digest, source.GetInt64(SizeProperty), source.GetString(LocationProperty)),
            ];
            if (await WriteAsync(batch, events, cancellationToken)) return Read(digest, source);
            source = await FindLinkAsync(from, digest, cancellationToken);
            if (source is null) return null;
        }

        return null;
    }

    /// <summary>Deletes the repository's link, if it has one. The bytes are the collector's to delete.</summary>
    public async Task DeleteAsync(RepositoryName repository, Digest digest, CancellationToken cancellationToken)
    {
        await context.DemandOwnAsync(cancellationToken);
        await Task.WhenAll(
            context.Announcements.QueueRepositoryAsync(repository, cancellationToken),
            context.Announcements.QueueDigestAsync(digest, cancellationToken),
            AnnounceAsync(EventAction.Delete, repository, digest, cancellationToken));
        var events = await PrepareAsync(EventAction.Delete, repository, digest, null, null, cancellationToken);
        await UnlinkAsync(TableKeys.Link(digest, repository), "*", events, cancellationToken);
    }

    /// <summary>Deletes a link of this version. The blob is made young with it: somebody may hold a signed URL that was given out a moment ago.</summary>
    /// <returns>Whether it was there and unchanged.</returns>
    public Task<bool> UnlinkAsync(RowKey link, string etag, CancellationToken cancellationToken) => UnlinkAsync(link, etag, OutboxBatch.Empty, cancellationToken);

    private async Task<bool> UnlinkAsync(RowKey link, string etag, OutboxBatch events, CancellationToken cancellationToken)
    {
        var delete = new RowWrite.Delete(link, etag);
        // The link first: a batch tells which change failed, and it is the link that may have gone.
        var result = await context.Tables.WriteAsync(TableKeys.BlobsTable, [delete, new RowWrite.Touch(link with { Row = TableKeys.BlobRow }), .. events.Inserts], cancellationToken);
        // Gone: the answer to a first try may have been lost.
        if (result.Done || result.Outcome == WriteOutcome.NotFound) events.Raise();
        // A link without its blob cannot come about, but should it be there, this is how to be rid of it.
        return result is { Outcome: WriteOutcome.NotFound, Failed: not 0 } ? (await context.Tables.WriteAsync(TableKeys.BlobsTable, delete, cancellationToken)).Done : result.Done;
    }

    /// <summary>Makes a blob young, by the version that is read here: no collector is about to delete it, or what is at its location.</summary>
    /// <returns>False when the blob has gone, or is at another location.</returns>
    public Task<bool> HoldAsync(Digest digest, string location, CancellationToken cancellationToken) => StorageRetry.RunAsync(async () =>
    {
        var blob = await context.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), cancellationToken);
        if (blob is null || LocationOf(blob) != location) return (true, false);
        return ((await context.Tables.WriteAsync(TableKeys.BlobsTable, new RowWrite.Touch(blob.Key, blob.ETag), cancellationToken)).Done, true);
    }, cancellationToken);

    /// <summary>
    /// Gives a blob its bytes back where they are missing or cut short. Its row was touched a moment ago, so no collector is about to delete them. Of several who do so at
    /// once one succeeds, and the others see it.
    /// </summary>
    /// <param name="source">An object that has the blob's content.</param>
    /// <param name="size">The blob's size in bytes.</param>
    /// <param name="target">The blob's location.</param>
    /// <param name="found">What was seen there; null: nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when the source has gone.</returns>
    public Task<bool> RestoreAsync(string source, long size, string target, StoredObject? found, CancellationToken cancellationToken) => StorageRetry.RunAsync(async () =>
    {
        if (found?.Size == size) return (true, true);
        var outcome = await context.Objects.CopyAsync(source, size, target, found?.ETag, cancellationToken);
        if (outcome == WriteOutcome.NotFound) return (true, false);
        if (outcome != WriteOutcome.Done) found = await context.Objects.FindAsync(target, cancellationToken);
        return (outcome == WriteOutcome.Done, true);
    }, cancellationToken);

    private async Task HintAsync(RepositoryName repository, Digest digest, long size, CancellationToken cancellationToken)
    {
        var properties = new Dictionary<string, object> { [SizeProperty] = size };
        await context.Tables.WriteAsync(TableKeys.RegistryTable, new RowWrite.UpsertMerge(TableKeys.Hint(repository, digest), properties), cancellationToken);
    }

    /// <returns>The location that the link has in the end; and what is there, where it is another than ours.</returns>
    private async Task<(string Location, StoredObject? Found)> LinkAsync(RepositoryName repository, Digest digest, long size, string location, CancellationToken cancellationToken)
    {
        var events = await PrepareAsync(EventAction.Push, repository, digest, size, null, cancellationToken);
        return await StorageRetry.RunAsync<(string, StoredObject?)>(async () =>
        {
            RowWrite[] batch = [new RowWrite.Insert(TableKeys.Blob(digest), Properties(size, location)), Link(repository, digest, size, location), .. events.Inserts];
            if ((await context.Tables.WriteAsync(TableKeys.BlobsTable, batch, cancellationToken)).Done)
            {
                events.Raise();
                return (true, (location, null));
            }

            var blob = await context.Tables.FindAsync(TableKeys.BlobsTable, TableKeys.Blob(digest), cancellationToken);
            if (blob is null) return default;
            var (joined, found) = await JoinAsync(repository, digest, blob, events, cancellationToken);
            return joined ? (true, (LocationOf(blob), found)) : default;
        }, cancellationToken);
    }

    /// <returns>Whether the repository is linked; and what is at the blob's location.</returns>
    private async Task<(bool Joined, StoredObject? Found)> JoinAsync(RepositoryName repository, Digest digest, TableRow blob, OutboxBatch events, CancellationToken cancellationToken)
    {
        // Many pushers of one blob would fight over its ETag. A young row cannot be deleted by the collector for half a grace at least, far longer than
        // this call takes, so any version of it will do.
        RowWrite[] batch =
        [
            .. events.Inserts,
            new RowWrite.Touch(blob.Key, context.IsYoung(blob) ? "*" : blob.ETag),
            Link(repository, digest, blob.GetInt64(SizeProperty), LocationOf(blob)),
        ];
        if (!await WriteAsync(batch, events, cancellationToken)) return default;
        return (true, await context.Objects.FindAsync(LocationOf(blob), cancellationToken));
    }

    // A batch whose events are there already was applied by a try of ours.
    private async Task<bool> WriteAsync(IReadOnlyList<RowWrite> batch, OutboxBatch events, CancellationToken cancellationToken)
    {
        var result = await context.Tables.WriteAsync(TableKeys.BlobsTable, batch, cancellationToken);
        if (!result.Done && !await context.Tables.WasAppliedAsync(TableKeys.BlobsTable, events.Inserts, result, cancellationToken)) return false;
        events.Raise();
        return true;
    }

    private Task AnnounceAsync(EventAction action, RepositoryName repository, Digest digest, CancellationToken cancellationToken) =>
        origin is null ? Task.CompletedTask : context.Outbox.AnnounceAsync(action, repository, digest, cancellationToken);

    private ValueTask<OutboxBatch> PrepareAsync(EventAction action, RepositoryName repository, Digest digest, long? size, RepositoryName? from, CancellationToken cancellationToken) =>
        origin is null ? ValueTask.FromResult(OutboxBatch.Empty) : context.Outbox.PrepareAsync(RegistryChange.OfBlob(action, repository, digest, size) with { FromRepository = from }, origin, cancellationToken);

    private static RowWrite Link(RepositoryName repository, Digest digest, long size, string location) =>
        new RowWrite.Upsert(TableKeys.Link(digest, repository), Properties(size, location));

    private static Dictionary<string, object> Properties(long size, string location) => new() { [SizeProperty] = size, [LocationProperty] = location };
}
