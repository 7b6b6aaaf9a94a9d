using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;
using Serverless.Registry.Tags;

namespace Serverless.Registry.Manifests;

/// <summary>
/// The order in which a manifest is written.
/// <code>
///   queue row, catalog row, outbox row  \
///   touch every blob's link      /   in parallel      a link that is gone: refused, nothing written
///            |
///   payload, if too large for a row                   looked for first: children that are gone, immutable tags
///            |
///   one batch in the repository: insert h, e, touch children, upsert m, r, t, d   a child that is gone: refused, nothing written
/// </code>
/// A crash before the batch leaves links that are younger than they need be. Touched links are safe from the collector for a grace, so what the manifest
/// names is there when the batch lands. The inserts of h and e make a batch that is sent twice, because an answer was lost, fail the second time.
/// </summary>
internal sealed class ManifestPut(RegistryContext context, RepositoryName repository, ChangeOrigin origin)
{
    private const int MaxParallel = 32;

    // Of what is missing a client is told so many, and no more is looked for.
    private const int MaxMissing = 100;

    private readonly TagHistory _history = new(context, repository);

    // What a mirror does not have, or loses while the manifest is written, is fetched when somebody asks for it.
    private readonly bool _isMirrored = context.Options.FindMirror(repository) is not null;

    // A batch takes 100 changes: m and r, and t, h and d for each tag; an event for each endpoint. Each child is two: touched, and led back from.
    private int MaxChildrenInBatch(int tags) => (TableLimits.BatchCount - 2 - context.Outbox.MaxRows - (3 * tags)) / 2;

    /// <exception cref="RegistryException">MANIFEST_BLOB_UNKNOWN, with the digests that are missing, 100 at most; MANIFEST_INVALID: it names too many.</exception>
    public Task PutAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken) =>
        PutAsync(manifest, tags, onlyAbsent: false, cancellationToken);

    /// <summary>Puts a manifest, and those of the tags that do not exist.</summary>
    /// <returns>These tags.</returns>
    /// <exception cref="RegistryException">MANIFEST_BLOB_UNKNOWN, with every digest that is missing.</exception>
    public Task<IReadOnlyCollection<Tag>> RestoreAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, CancellationToken cancellationToken) =>
        PutAsync(manifest, tags, onlyAbsent: true, cancellationToken);

    /// <summary>Refuses what a manifest says, before anything is asked of storage: all that a few megabytes can name takes minutes to ask.</summary>
    /// <exception cref="RegistryException">MANIFEST_INVALID.</exception>
    public static void Check(RegistryContext context, Manifest manifest)
    {
        context.Options.ManifestRules.CheckUrls(manifest);
        var count = manifest.Content.Blobs.Concat(manifest.Content.Manifests).Select(d => d.Digest).Distinct().Count();
        if (count > context.Options.MaxReferences)
        {
            throw new RegistryException(RegistryError.ManifestInvalid, $"the manifest names more than it may: {count}, and the limit is {context.Options.MaxReferences}");
        }
    }

    private async Task<IReadOnlyCollection<Tag>> PutAsync(Manifest manifest, IReadOnlyCollection<Tag> tags, bool onlyAbsent, CancellationToken cancellationToken)
    {
        Check(context, manifest);
        var announced = Task.WhenAll(
            AnnounceAsync(cancellationToken),
            context.Outbox.AnnounceAsync(EventAction.Push, repository, cancellationToken),
            _history.TrimInTurnAsync(tags, cancellationToken));
        if (_isMirrored)
        {
            await announced;
            return await WriteAsync(manifest, [], await NewTagsAsync(tags, onlyAbsent, cancellationToken), cancellationToken);
        }

        // A child whose type is no manifest's is a blob to begin with: BuildKit lists the layers of its caches as children.
        var children = Distinct(manifest.Content.Manifests.Where(c => context.Options.ManifestTypes.Contains(c.MediaType)));
        var odd = manifest.Content.Manifests.Where(c => !context.Options.ManifestTypes.Contains(c.MediaType)).ToList();
        var optional = manifest.Content.Blobs.Where(b => context.Options.ManifestRules.MayBlobBeAbsent(manifest, b)).Concat(odd.Where(o => o.MayBeAbsent)).Select(b => b.Digest).ToHashSet();
        var listed = manifest.Content.Manifests.Select(c => c.Digest).ToHashSet();
        var missing = await TouchBlobsAsync([.. manifest.Content.Blobs, .. odd], optional, listed, cancellationToken);
        await announced;

        var maybeManifests = missing.Where(listed.Contains).ToList();
        missing.RemoveAll(listed.Contains);
        if (missing.Count > 0)
        {
            var absent = await FindMissingManifestsAsync([.. maybeManifests, .. children], cancellationToken);
            throw Unknown(missing.Concat(Required(manifest, absent)));
        }

        children.AddRange(maybeManifests.Except(children));
        return await WriteAsync(manifest, children, await NewTagsAsync(tags, onlyAbsent, cancellationToken), cancellationToken);
    }

    private async Task<TagWrites> NewTagsAsync(IReadOnlyCollection<Tag> tags, bool onlyAbsent, CancellationToken cancellationToken) =>
        new(context, repository, tags, await context.GetImmutabilityAsync(repository, cancellationToken), onlyAbsent);

    // The queue first: a crash in between must not leave a name in the catalog that no collector takes out again.
    private async Task AnnounceAsync(CancellationToken cancellationToken)
    {
        await context.Announcements.QueueRepositoryAsync(repository, cancellationToken);
        await context.Announcements.ListRepositoryAsync(repository, cancellationToken);
    }

    /// <returns>The tags that point at the manifest now.</returns>
    private async Task<IReadOnlyCollection<Tag>> WriteAsync(Manifest manifest, List<Digest> children, TagWrites tags, CancellationToken cancellationToken)
    {
        var now = await context.Shared.NowAsync(cancellationToken);
        tags.Aim(_history, new TagTarget(manifest.Descriptor, ManifestRow.OfTag(manifest.Descriptor, manifest.Payload, now, _isMirrored)), now, origin.Actor);
        List<RowWrite> rows = [new RowWrite.Upsert(TableKeys.Manifest(repository, manifest.Digest), ManifestRow.OfManifest(manifest, _isMirrored))];
        if (manifest.Content.Subject is { } subject)
        {
            rows.Add(new RowWrite.Upsert(TableKeys.Referrer(repository, subject.Digest, manifest.Digest), ManifestRow.OfReferrer(manifest)));
        }

        await StoreLargePayloadAsync(manifest, children, tags, cancellationToken);
        var (told, events) = (default(List<Tag>), OutboxBatch.Empty);
        return await StorageRetry.RunAsync<IReadOnlyCollection<Tag>>(async () =>
        {
            var early = Math.Max(0, children.Count - MaxChildrenInBatch(tags.Count));
            if (!await KeepChildrenAsync(manifest, children[..early], cancellationToken)) return await WithoutMissingAsync(manifest, children, cancellationToken);
            await context.DemandWritableAsync(cancellationToken);
            // Anew for each try: a tag that is left alone is nothing to tell of.
            if (told is null || told.Count != tags.Count) events = await context.Outbox.PrepareAsync(RegistryChange.Pushed(repository, manifest.Descriptor, told = tags.Tags.ToList()), origin, cancellationToken);
            List<RowWrite> inserts = [.. tags.History, .. events.Inserts];
            List<RowWrite> batch = [.. inserts, .. children[early..].SelectMany(c => Keep(manifest, c)), .. rows, .. tags.Pointers];
            var result = await context.Tables.WriteAsync(TableKeys.RegistryTable, batch, cancellationToken);
            if (result.Done || await context.Tables.WasAppliedAsync(TableKeys.RegistryTable, inserts, result, cancellationToken))
            {
                events.Raise();
                return (true, tags.Tags);
            }

            if (await tags.RefreshAsync(cancellationToken)) return default;
            return await WithoutMissingAsync(manifest, children, cancellationToken);
        }, cancellationToken);
    }

    /// <summary>Some child is no manifest here: what is a blob instead is kept as one, what is neither is named to the client.</summary>
    private async Task<(bool Settled, IReadOnlyCollection<Tag> Result)> WithoutMissingAsync(Manifest manifest, List<Digest> children, CancellationToken cancellationToken)
    {
        var missing = await FindMissingManifestsAsync(children, cancellationToken);
        var unknown = Required(manifest, await TouchBlobsAsync(missing, cancellationToken));
        if (unknown.Count > 0) throw Unknown(unknown);
        children.RemoveAll(missing.Contains);
        return default;
    }

    /// <summary>Those of the missing children that the operator demands to be here.</summary>
    private List<Digest> Required(Manifest manifest, IEnumerable<Digest> missing)
    {
        var demanded = manifest.Content.Manifests.Where(c => !context.Options.ManifestRules.MayChildBeAbsent(c)).Select(c => c.Digest).ToHashSet();
        return [.. missing.Where(demanded.Contains)];
    }

    private async Task<bool> KeepChildrenAsync(Manifest manifest, List<Digest> children, CancellationToken cancellationToken)
    {
        foreach (var some in children.Chunk(TableLimits.BatchCount / 2))
        {
            if (!(await context.Tables.WriteAsync(TableKeys.RegistryTable, [.. some.SelectMany(c => Keep(manifest, c))], cancellationToken)).Done) return false;
        }

        return true;
    }

    // That the child is led back from before the index is there does no harm: it is a hint.
    private RowWrite[] Keep(Manifest manifest, Digest child) =>
        [new RowWrite.Touch(TableKeys.Manifest(repository, child)), RowWrite.Note(TableKeys.Pointer(repository, child, manifest.Digest))];

    /// <summary>Touches the links of blobs, until too many are missing that are no children.</summary>
    private async Task<List<Digest>> TouchBlobsAsync(IReadOnlyCollection<Descriptor> blobs, HashSet<Digest> optional, HashSet<Digest> children, CancellationToken cancellationToken)
    {
        var links = new BlobLinks(context);
        var missing = await WhereNotAsync(
            Distinct(blobs), (d, token) => links.TouchAsync(repository, d, token), d => !children.Contains(d) && !optional.Contains(d), cancellationToken);
        missing.RemoveAll(optional.Contains);
        return missing;
    }

    private Task<List<Digest>> TouchBlobsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken)
    {
        var links = new BlobLinks(context);
        return WhereNotAsync(digests, (d, token) => links.TouchAsync(repository, d, token), static _ => false, cancellationToken);
    }

    private Task<List<Digest>> FindMissingManifestsAsync(IReadOnlyCollection<Digest> digests, CancellationToken cancellationToken) => WhereNotAsync(
        digests,
        async (d, token) => await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Manifest(repository, d), token) is not null,
        static _ => false,
        cancellationToken);

    // Of a manifest that is refused nothing must be left, so what the batch would find is looked for first.
    private async Task StoreLargePayloadAsync(Manifest manifest, List<Digest> children, TagWrites tags, CancellationToken cancellationToken)
    {
        if (manifest.Payload.Length <= ManifestRow.MaxInlinePayload) return;
        await tags.RefreshAsync(cancellationToken);
        await WithoutMissingAsync(manifest, children, cancellationToken);
        await new WholeBlob(context, repository, null).PutAsync(manifest.Payload, manifest.Digest, manifest.Digest.Algorithm, cancellationToken);
    }

    private static List<Digest> Distinct(IEnumerable<Descriptor> descriptors) => [.. descriptors.Select(d => d.Digest).Distinct()];

    private static RegistryException Unknown(IEnumerable<Digest> digests) =>
        new(RegistryError.ManifestBlobUnknown, detail: digests.Distinct().Take(MaxMissing).Select(d => new Dictionary<string, string> { ["digest"] = d.ToString() }).ToArray());

    /// <summary>Those that do not pass a test. When so many of the fatal ones have failed, the rest is taken to pass: the manifest is refused anyway.</summary>
    private async Task<List<Digest>> WhereNotAsync(
        IReadOnlyCollection<Digest> digests, Func<Digest, CancellationToken, Task<bool>> test, Func<Digest, bool> isFatal, CancellationToken cancellationToken)
    {
        using var free = new SemaphoreSlim(MaxParallel);
        var fatal = 0;
        var results = await Task.WhenAll(digests.Select(async digest =>
        {
            await free.WaitAsync(cancellationToken);
            try
            {
                if (Volatile.Read(ref fatal) >= MaxMissing) return (Digest: digest, Passed: true);
                var passed = await context.Touches.RunAsync(() => test(digest, cancellationToken), cancellationToken);
                if (!passed && isFatal(digest)) Interlocked.Increment(ref fatal);
                return (Digest: digest, Passed: passed);
            }
            finally
            {
                free.Release();
            }
        }));
        return [.. results.Where(r => !r.Passed).Select(r => r.Digest)];
    }
}
