using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Manifests;

/// <summary>
/// Deletes a manifest with its tags. Manifest and tags go by the ETags that were read, in one batch: a tag that somebody moves meanwhile to another
/// manifest stays, and one that somebody points here meanwhile rewrites the manifest's row, so that the batch fails and begins anew. What is deleted is remembered in the same batch.
/// </summary>
internal sealed class ManifestDelete(RegistryContext context, RepositoryName repository, ChangeOrigin origin)
{
    // Besides the tags there are the manifest, what is remembered of it, its row in the list of referrers, and the events.
    private readonly int _maxTagsInBatch = TableLimits.BatchCount - 3 - context.Outbox.MaxRows;

    private readonly TagPointers _pointers = new(context, repository);

    /// <exception cref="RegistryException">DENIED: an immutable tag leads to the manifest, or it is locked.</exception>
    public async Task<bool> DeleteAsync(Digest digest, CancellationToken cancellationToken)
    {
        await context.DemandOwnAsync(cancellationToken);
        await Task.WhenAll(context.Announcements.QueueRepositoryAsync(repository, cancellationToken), context.Outbox.AnnounceAsync(EventAction.Delete, repository, cancellationToken));
        var tried = false;
        var events = OutboxBatch.Empty;
        return await StorageRetry.RunAsync(async () =>
        {
            var manifest = await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(repository, digest), cancellationToken);
            // Gone after a try of ours: the answer to it was lost, or somebody else deleted the manifest at the same moment.
            if (manifest is null)
            {
                if (tried) events.Raise();
                return (true, tried);
            }

            // After the manifest: whoever points a tag here from now on rewrites its row, and whoever pushes an index that names it touches the row.
            var immutability = await context.GetImmutabilityAsync(repository, cancellationToken);
            immutability.DemandMutable(digest);
            await DemandNoImmutableParentAsync(immutability, digest, cancellationToken);
            var tags = await _pointers.FindTagsAsync(digest, cancellationToken);
            DemandMutable(immutability, tags);
            var remembered = DeletedRow.OfManifest(repository, digest, manifest, tags.Select(t => t.Tag));
            // More tags than a batch takes: the tags first, so that none is ever left without its manifest.
            var target = Outbox.Deletion(repository, digest, manifest);
            foreach (var early in tags.SkipLast(_maxTagsInBatch).Chunk(_maxTagsInBatch))
            {
                var gone = target with { OnlyTags = true, Tags = [.. early.Select(t => t.Tag)] };
                events = await context.Outbox.PrepareAsync(gone, origin, cancellationToken);
                if (!await WriteAsync([remembered, .. early.Select(t => Delete(t.Row))], events, cancellationToken)) return default;
            }

            List<PointingTag> last = [.. tags.TakeLast(_maxTagsInBatch)];
            List<RowWrite> batch = [Delete(manifest), remembered, .. last.Select(t => Delete(t.Row))];
            if (await FindReferrerAsync(manifest, digest, cancellationToken) is { } referrer) batch.Add(Delete(referrer));
            tried = true;
            events = await context.Outbox.PrepareAsync(target with { Tags = [.. last.Select(t => t.Tag)] }, origin, cancellationToken);
            return await WriteAsync(batch, events, cancellationToken) ? (true, true) : default;
        }, cancellationToken);
    }

    // An image of an index that an immutable tag points at, or that is locked, is part of what may not change. Nobody asks where nothing is immutable.
    private async Task DemandNoImmutableParentAsync(Immutability immutability, Digest digest, CancellationToken cancellationToken)
    {
        if (!immutability.IsAny) return;
        HashSet<Digest> seen = [digest];
        var open = new Queue<Digest>((await _pointers.ListAsync(digest, cancellationToken)).Parents);
        while (open.TryDequeue(out var parent))
        {
            if (!seen.Add(parent)) continue;
            immutability.DemandMutable(parent);
            var (named, parents) = await _pointers.ListAsync(parent, cancellationToken);
            DemandMutable(immutability, await _pointers.ReadAsync(parent, named, cancellationToken));
            foreach (var next in parents) open.Enqueue(next);
        }
    }

    private static void DemandMutable(Immutability immutability, IReadOnlyList<PointingTag> tags)
    {
        foreach (var tag in tags) immutability.DemandMutable(tag.Tag);
    }

    private async Task<TableRow?> FindReferrerAsync(TableRow manifest, Digest digest, CancellationToken cancellationToken) =>
        ManifestRow.Subject(manifest) is { } subject
            ? await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Referrer(repository, subject, digest), cancellationToken)
            : null;

    private async Task<bool> WriteAsync(IReadOnlyList<RowWrite> batch, OutboxBatch events, CancellationToken cancellationToken)
    {
        if (!(await context.Tables.WriteAsync(TableKeys.RegistryTable, [.. batch, .. events.Inserts], cancellationToken)).Done) return false;
        events.Raise();
        return true;
    }

    private static RowWrite Delete(TableRow row) => new RowWrite.Delete(row.Key, row.ETag);
}
