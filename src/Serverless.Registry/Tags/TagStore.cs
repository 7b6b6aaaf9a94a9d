using System.Runtime.CompilerServices;
using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tags;

/// <summary>The tags of one repository.</summary>
public sealed class TagStore
{
    private readonly RegistryContext _context;
    private readonly PullNotes _pulls;
    private readonly RepositoryName _repository;
    private readonly TagHistory _history;
    private readonly ChangeOrigin _origin;

    internal TagStore(RegistryContext context, PullNotes pulls, RepositoryName repository, ChangeOrigin origin)
    {
        (_context, _pulls, _repository, _origin) = (context, pulls, repository, origin);
        _history = new TagHistory(context, repository);
    }

    /// <summary>What a tag points at; null when there is no such tag.</summary>
    public async Task<Descriptor?> FindAsync(Tag tag, CancellationToken cancellationToken) =>
        await _context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Tag(_repository, tag), cancellationToken) is { } row
            ? ManifestRow.Describe(row, ManifestRow.TagDigest(row))
            : null;

    /// <summary>Points a tag at a manifest of this repository.</summary>
    /// <param name="tag">The tag, new or old.</param>
    /// <param name="digest">The manifest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">MANIFEST_UNKNOWN; DENIED: the tag is immutable and points elsewhere.</exception>
    public Task PutAsync(Tag tag, Digest digest, CancellationToken cancellationToken) => PutAsync(tag, digest, null, cancellationToken);

    /// <summary>Points a tag at a manifest if there is no such tag, and notes it as pulled: nobody knows when it last was, and rules shall not take it away for that.</summary>
    /// <param name="tag">The tag.</param>
    /// <param name="digest">The manifest.</param>
    /// <param name="pushed">When the tag was pushed, which rules count from.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RegistryException">MANIFEST_UNKNOWN.</exception>
    internal async Task RestoreAsync(Tag tag, Digest digest, DateTimeOffset pushed, CancellationToken cancellationToken)
    {
        await _context.DemandWritableAsync(cancellationToken);
        await _pulls.NoteAsync(_repository, new Reference(tag), cancellationToken);
        await PutAsync(tag, digest, pushed, cancellationToken);
    }

    private async Task PutAsync(Tag tag, Digest digest, DateTimeOffset? restored, CancellationToken cancellationToken)
    {
        await _context.DemandOwnAsync(cancellationToken);
        await Task.WhenAll(
            _context.Announcements.QueueRepositoryAsync(_repository, cancellationToken),
            _context.Outbox.AnnounceAsync(EventAction.Push, _repository, cancellationToken),
            _history.TrimInTurnAsync([tag], cancellationToken));
        var key = TableKeys.Manifest(_repository, digest);
        var manifest = await _context.Tables.FindAsync(TableKeys.RegistryTable, key, cancellationToken) ?? throw new RegistryException(RegistryError.ManifestUnknown);
        var descriptor = ManifestRow.Describe(manifest, digest);
        var now = await _context.Shared.NowAsync(cancellationToken);
        var payload = LargeBinary.Find(manifest, ManifestRow.PayloadProperty);
        var tags = new TagWrites(_context, _repository, [tag], await _context.GetImmutabilityAsync(_repository, cancellationToken), onlyAbsent: restored is not null);
        tags.Aim(_history, new TagTarget(descriptor, ManifestRow.OfTag(descriptor, payload, restored ?? now)), now, _origin.Actor);
        var events = await _context.Outbox.PrepareAsync(RegistryChange.Pushed(_repository, descriptor, [tag]), _origin, cancellationToken);
        await StorageRetry.RunAsync(async () =>
        {
            // It exists, and is not to be moved.
            if (tags.Count == 0) return (true, false);
            List<RowWrite> inserts = [.. tags.History, .. events.Inserts];
            List<RowWrite> batch = [.. inserts, new RowWrite.Touch(key), .. tags.Pointers];
            var result = await _context.Tables.WriteAsync(TableKeys.RegistryTable, batch, cancellationToken);
            if (result.Done || await _context.Tables.WasAppliedAsync(TableKeys.RegistryTable, inserts, result, cancellationToken))
            {
                events.Raise();
                return (true, true);
            }

            if (await tags.RefreshAsync(cancellationToken)) return default;
            throw new RegistryException(RegistryError.ManifestUnknown);
        }, cancellationToken);
    }

    /// <summary>Deletes a tag; the manifest stays.</summary>
    /// <returns>False when there is no such tag.</returns>
    public async Task<bool> DeleteAsync(Tag tag, CancellationToken cancellationToken)
    {
        await _context.DemandOwnAsync(cancellationToken);
        await Task.WhenAll(_context.Announcements.QueueRepositoryAsync(_repository, cancellationToken), _context.Outbox.AnnounceAsync(EventAction.Delete, _repository, cancellationToken));
        var (tried, events) = (false, OutboxBatch.Empty);
        return await StorageRetry.RunAsync(async () =>
        {
            var row = await _context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Tag(_repository, tag), cancellationToken);
            // Gone after a try of ours: the answer to it was lost, or somebody else deleted the tag at the same moment.
            if (row is null)
            {
                if (tried) events.Raise();
                return (true, tried);
            }

            (await _context.GetImmutabilityAsync(_repository, cancellationToken)).DemandMutable(tag);
            tried = true;
            var change = Outbox.Deletion(_repository, ManifestRow.TagDigest(row), row) with { OnlyTags = true, Tags = [tag] };
            events = await _context.Outbox.PrepareAsync(change, _origin, cancellationToken);
            RowWrite[] batch = [new RowWrite.Delete(row.Key, row.ETag), DeletedRow.OfTag(_repository, tag, ManifestRow.TagDigest(row)), .. events.Inserts];
            if (!(await _context.Tables.WriteAsync(TableKeys.RegistryTable, batch, cancellationToken)).Done) return default;
            events.Raise();
            return (true, true);
        }, cancellationToken);
    }

    /// <summary>Lists all tags in ASCII order.</summary>
    public async IAsyncEnumerable<Tag> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (tag, _) in ListWithDigestsAsync(cancellationToken)) yield return tag;
    }

    /// <summary>Lists the tags that point at a manifest, in ASCII order.</summary>
    public async IAsyncEnumerable<Tag> ListByDigestAsync(Digest digest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var tag in await new TagPointers(_context, _repository).FindTagsAsync(digest, cancellationToken)) yield return tag.Tag;
    }

    /// <summary>A page of tags in ASCII order: one round trip to storage, and more only where storage hands out short pages.</summary>
    /// <param name="count">Tags in the page, at most.</param>
    /// <param name="last">The text after which to go on; it need not be a tag. Null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(IReadOnlyList<Tag> Tags, bool More)> ListPageAsync(int count, string? last, CancellationToken cancellationToken)
    {
        var query = RowQuery.PrefixAfter(TableKeys.Encode(_repository), TableKeys.TagPrefix, last) with { Select = [ManifestRow.DigestProperty] };
        var (rows, more) = await _context.Tables.TakeAsync(TableKeys.RegistryTable, query, count, cancellationToken);
        return ([.. rows.Select(TagOf)], more);
    }

    /// <summary>A page of tags in ASCII order, with what is known of each: two round trips to storage, and more only where it hands out short pages.</summary>
    /// <param name="count">Tags in the page, at most.</param>
    /// <param name="last">The text after which to go on; it need not be a tag. Null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<(IReadOnlyList<TagInfo> Tags, bool More)> ListInfoAsync(int count, string? last, CancellationToken cancellationToken)
    {
        var partition = TableKeys.Encode(_repository);
        var query = RowQuery.PrefixAfter(partition, TableKeys.TagPrefix, last) with { Select = ManifestRow.TagProperties };
        var (rows, more) = await _context.Tables.TakeAsync(TableKeys.RegistryTable, query, count, cancellationToken);
        if (rows.Count == 0) return ([], more);
        var pulls = await _pulls.ListAsync(_repository, TagOf(rows[0]), TagOf(rows[^1]), cancellationToken);
        return ([.. rows.Select(row => InfoOf(row, pulls.GetValueOrDefault(TagOf(row))))], more);
    }

    /// <summary>What is known of a tag, in two round trips to storage at once; null when there is no such tag.</summary>
    public async Task<TagInfo?> FindInfoAsync(Tag tag, CancellationToken cancellationToken)
    {
        var pulled = FindLastPullAsync(new Reference(tag), cancellationToken);
        var row = await _context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Tag(_repository, tag), cancellationToken);
        var time = await pulled;
        return row is null ? null : InfoOf(row, time);
    }

    /// <summary>Points a tag at what it pointed at before; a deleted tag at what it pointed at last.</summary>
    /// <returns>The move that it goes back to; null when its history holds nothing else.</returns>
    /// <exception cref="RegistryException">MANIFEST_UNKNOWN: what it pointed at is not there any more; DENIED: the tag is immutable.</exception>
    public async Task<TagMove?> RollBackAsync(Tag tag, CancellationToken cancellationToken)
    {
        var now = (await FindAsync(tag, cancellationToken))?.Digest;
        if (await FindMoveBeforeAsync(tag, now, cancellationToken) is not { } before) return null;
        await PutAsync(tag, before.Target.Digest, cancellationToken);
        return before;
    }

    /// <summary>
    /// Notes that a tag was pulled just now, or a manifest by its digest, which counts for every tag that points at it: who keeps images up to date asks what a tag is, and
    /// pulls by digest. This instance writes at most one note of each in an hour, in one round trip; a pull in between costs nothing. Whoever
    /// serves requests has found the manifest, and has asked the switches whether anything may be written.
    /// </summary>
    /// <returns>Whether a note of the last hour is stored, as far as this instance knows. False when storage did not answer, which is no exception here.</returns>
    public Task<bool> NotePullAsync(Reference reference, CancellationToken cancellationToken) => _pulls.NoteAsync(_repository, reference, cancellationToken);

    /// <summary>Whether this instance has noted such a pull in the last hour, so that there is nothing to note. Costs nothing.</summary>
    public bool IsPullNoted(Reference reference) => _pulls.IsNoted(_repository, reference);

    /// <summary>When something was last pulled by this name, UTC, by the clock of storage; up to an hour before the truth. Null when no pull was noted.</summary>
    public async Task<DateTimeOffset?> FindLastPullAsync(Reference reference, CancellationToken cancellationToken) =>
        (await _context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Pull(_repository, reference), cancellationToken))?.Timestamp;

    /// <summary>
    /// What a tag pointed at, newest first, the present included; at most <see cref="RegistryOptions.TagHistoryLength"/> moves. A deleted tag keeps its
    /// history, so that it can be put back.
    /// </summary>
    public IAsyncEnumerable<TagMove> ListHistoryAsync(Tag tag, CancellationToken cancellationToken) => _history.ListAsync(tag, cancellationToken);

    private async Task<TagMove?> FindMoveBeforeAsync(Tag tag, Digest? now, CancellationToken cancellationToken)
    {
        var passed = now is null;
        await foreach (var move in ListHistoryAsync(tag, cancellationToken))
        {
            // What came after the present target was itself rolled back.
            passed |= move.Target.Digest == now;
            if (passed && move.Target.Digest != now) return move;
        }

        return null;
    }

    private async IAsyncEnumerable<(Tag Tag, Digest Digest)> ListWithDigestsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = RowQuery.Prefix(TableKeys.Encode(_repository), TableKeys.TagPrefix) with { Select = [ManifestRow.DigestProperty] };
        await foreach (var row in _context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            yield return (TagOf(row), ManifestRow.TagDigest(row));
        }
    }

    private static TagInfo InfoOf(TableRow row, DateTimeOffset? pulled) =>
        new(TagOf(row), ManifestRow.Describe(row, ManifestRow.TagDigest(row)), row.FindTime(ManifestRow.PushedProperty), pulled);

    private static Tag TagOf(TableRow row) => Tag.Parse(row.Key.Row[TableKeys.TagPrefix.Length..]);
}
