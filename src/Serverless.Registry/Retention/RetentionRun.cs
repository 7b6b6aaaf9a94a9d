using Serverless.Registry.Core;
using Serverless.Registry.Events;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Retention;

/// <summary>
/// Deletes tags by rule. It deletes nothing else: manifests that lose their last tag are the garbage collector's, if untagged ones are to go.
/// <code>
///   somebody                              retention
///   --------                              --------------------------------------------------------------------
///                                         time of storage
///                                         tags of a repository, with their ETags; the rules say which are to go
///                                         queue the repository
///   push or move a tag   --either--+--or--  delete the tag by the ETag that was read
///   (new ETag)                            412: somebody wants it, and it stays
///   push it again                         what is gone is made anew
/// </code>
/// Somebody who deletes the newest tags by hand in between may leave fewer than a rule keeps: nothing holds the tags still while the rules are thought over.
/// </summary>
public sealed class RetentionRun
{
    private static readonly ChangeOrigin s_origin = ChangeOrigin.Of("retention");

    private readonly RegistryContext _context;

    internal RetentionRun(RegistryContext context) => _context = context;

    /// <summary>
    /// Goes through the catalog, within the registry's scope, and deletes the tags that the rules do not keep. Immutable tags stay, and do not count as new.
    /// </summary>
    /// <param name="rules">The rules; of those that fit a tag the first decides.</param>
    /// <param name="dryRun">Whether to tell what would be deleted and to delete nothing.</param>
    /// <param name="report">Told of each tag that is deleted, or would be; may be null.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    /// <exception cref="ArgumentException">A rule is not valid.</exception>
    public Task<RetentionSummary> ApplyAsync(IReadOnlyList<RetentionRule> rules, bool dryRun, Action<RetiredTag>? report, CancellationToken cancellationToken) =>
        ApplyAsync(rules, dryRun, report, null, cancellationToken);

    /// <summary>As the other overload, from where an earlier run was cut off; the summary is of this run alone.</summary>
    /// <param name="rules">The rules; of those that fit a tag the first decides.</param>
    /// <param name="dryRun">Whether to tell what would be deleted and to delete nothing.</param>
    /// <param name="report">Told of each tag that is deleted, or would be; may be null.</param>
    /// <param name="cursor">Where to go on, and who is told of each repository that is done; null begins at the first and tells nobody.</param>
    /// <param name="cancellationToken">Stops the run at the next call to storage.</param>
    /// <exception cref="ArgumentException">A rule is not valid.</exception>
    public async Task<RetentionSummary> ApplyAsync(
        IReadOnlyList<RetentionRule> rules, bool dryRun, Action<RetiredTag>? report, WalkCursor? cursor, CancellationToken cancellationToken)
    {
        if (rules.SelectMany(r => r.Validate()).FirstOrDefault() is { } wrong) throw new ArgumentException(wrong, nameof(rules));
        var summary = new RetentionSummary();
        if (rules.Count == 0) return summary;
        if (!dryRun) await _context.DemandCollectorAsync(cancellationToken);
        var now = (await _context.Shared.ReadAsync(cancellationToken)).Time;
        var firstPull = await _context.Tables.FindAsync(TableKeys.SystemTable, TableKeys.FirstPull, cancellationToken);
        await foreach (var repository in _context.Catalog.ListAsync(cursor?.From, cancellationToken))
        {
            var fitting = rules.Where(r => r.Fits(repository)).ToList();
            if (fitting.Count == 0) continue;
            var tags = await ReadTagsAsync(repository, fitting.Any(r => r.NotPulledFor is not null), cancellationToken);
            summary.Repositories++;
            summary.Tags += tags.Count;
            var immutability = await _context.GetImmutabilityAsync(repository, cancellationToken);
            var retired = new RetentionPlan(fitting, now, firstPull?.Timestamp).Choose(tags.Where(t => !immutability.Holds(t.Tag)));
            foreach (var batch in retired.Chunk(TableLimits.BatchCount / (2 + _context.Outbox.MaxRows)))
            {
                if (!dryRun) await _context.DemandCollectableAsync(cancellationToken);
                var gone = dryRun ? [.. batch.Select(b => b.Tag.Row)] : await DeleteAsync(repository, batch, cancellationToken);
                summary.Deleted += gone.Count;
                summary.Moved += batch.Length - gone.Count;
                foreach (var (tag, rule) in batch.Where(b => gone.Contains(b.Tag.Row)))
                {
                    report?.Invoke(new RetiredTag(repository, tag.Tag, tag.Digest, tag.PushedAt, tag.PulledAt, rule));
                }
            }

            if (cursor is not null) await cursor.ReachedAsync(repository.ToString(), cancellationToken);
        }

        return summary;
    }

    private async Task<List<TagEntry>> ReadTagsAsync(RepositoryName repository, bool withPulls, CancellationToken cancellationToken)
    {
        List<TagEntry> tags = [];
        var query = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.TagPrefix) with { Select = [ManifestRow.DigestProperty, ManifestRow.PushedProperty, ManifestRow.MirroredProperty] };
        await foreach (var row in _context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            if (TagEntry.Read(row) is { } tag) tags.Add(tag);
        }

        if (!withPulls) return tags;
        Dictionary<string, DateTimeOffset> pulls = [];
        var notes = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.PullPrefix) with { Select = [] };
        await foreach (var note in _context.Tables.ListAsync(TableKeys.RegistryTable, notes, cancellationToken))
        {
            pulls[note.Key.Row[TableKeys.PullPrefix.Length..]] = note.Timestamp;
        }

        return [.. tags.Select(t => t with { PulledAt = Latest(Find(t.Tag.ToString()), Find(t.Digest.ToString())) })];

        DateTimeOffset? Find(string name) => pulls.TryGetValue(name, out var time) ? time : null;
        static DateTimeOffset? Latest(DateTimeOffset? byTag, DateTimeOffset? byDigest) => byTag is null || byDigest > byTag ? byDigest : byTag;
    }

    private async Task<IReadOnlyList<TableRow>> DeleteAsync(
        RepositoryName repository, (TagEntry Tag, RetentionRule Rule)[] batch, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_context.Announcements.QueueRepositoryAsync(repository, cancellationToken), _context.Outbox.AnnounceAsync(EventAction.Delete, repository, cancellationToken));
        // Each is remembered for a grace, so that it can be restored.
        var tags = batch.ToDictionary(b => b.Tag.Row, b => b.Tag);
        var events = new Dictionary<TableRow, OutboxBatch>();
        foreach (var (row, tag) in tags)
        {
            var change = new RegistryChange(EventAction.Delete, repository) { Digest = tag.Digest, OnlyTags = true, Tags = [tag.Tag] };
            events[row] = await _context.Outbox.PrepareAsync(change, s_origin, cancellationToken);
        }

        var gone = await _context.Tables.DeleteUnchangedAsync(
            TableKeys.RegistryTable, [.. tags.Keys], row => [DeletedRow.OfTag(repository, tags[row].Tag, tags[row].Digest), .. events[row].Inserts], cancellationToken);
        if (gone.Count > 0) events[gone[0]].Raise();
        return gone;
    }
}
