using Serverless.Registry.Blobs;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// Counts what a repository holds, by the hints that a review reads anyway and that tell the sizes of its links. The count takes the place of what pushes have noted for a quota:
/// <code>
///   push                              review
///   note +repository:digest           read =repository and the notes
///   hint, link                        read the hints; each note with a hint is part of the sum
///                                     batch: the sum, by the version that was read; delete those notes, by theirs
/// </code>
/// So nothing is left out: what has a hint that was not read has a note that stays. It may count twice for a moment: a note that was written again meanwhile, and more notes than one batch takes.
/// Without a quota there are no notes, and the sum is one write.
/// </summary>
internal sealed class UsageCount(CollectionRun run, RepositoryName repository)
{
    private readonly ITableStore _tables = run.Context.Tables;
    private readonly RowKey _key = TableKeys.Usage(repository);
    private readonly Dictionary<Digest, TableRow> _notes = [];
    private readonly List<TableRow> _folded = [];
    private readonly HashSet<TableRow> _withoutSize = [];
    private TableRow? _before;
    private bool _hasQuota;
    private long _bytes;
    private long _blobs;

    /// <summary>Reads what was noted. Before the hints.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (run.Options.DryRun) return;
        _hasQuota = await run.Context.Quotas.FindAsync(repository, cancellationToken) is not null;
        if (!_hasQuota) return;
        _before = await _tables.FindAsync(TableKeys.SystemTable, _key, cancellationToken);
        var notes = RowQuery.Prefix(_key.Partition, TableKeys.AddedTo(repository));
        await foreach (var note in _tables.ListAsync(TableKeys.SystemTable, notes, cancellationToken)) _notes[TableKeys.AddedDigest(note.Key)] = note;
    }

    /// <summary>Counts a hint.</summary>
    public void Add(Digest digest, TableRow hint)
    {
        if (_notes.Remove(digest, out var note)) _folded.Add(note);
        _blobs++;
        if (hint.Properties.ContainsKey(BlobLinks.SizeProperty)) _bytes += hint.GetInt64(BlobLinks.SizeProperty);
        else _withoutSize.Add(hint);
    }

    /// <summary>Counts it no longer: its link has gone.</summary>
    public void Remove(TableRow hint)
    {
        _blobs--;
        if (hint.Properties.ContainsKey(BlobLinks.SizeProperty)) _bytes -= hint.GetInt64(BlobLinks.SizeProperty);
        else _withoutSize.Remove(hint);
    }

    /// <summary>Writes the sum.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        if (run.Options.DryRun) return;
        await run.DemandWritableAsync(cancellationToken);
        await SizeAsync(cancellationToken);
        if (!_hasQuota)
        {
            // Nothing that is there need be known.
            await _tables.WriteAsync(TableKeys.SystemTable, _blobs == 0 ? new RowWrite.Delete(_key, "*") : new RowWrite.Upsert(_key, RepositoryUse.ToProperties(_bytes, _blobs)), cancellationToken);
            return;
        }

        // A push that has not come as far as its hint; one that never will has died.
        _folded.AddRange(_notes.Values.Where(n => n.Timestamp < run.Cutoff));
        List<RowWrite> batch = [.. Sum(), .. _folded.Take(TableLimits.BatchCount - 1).Select(n => new RowWrite.Delete(n.Key, n.ETag))];
        if (batch.Count == 0) return;
        var isWritten = (await _tables.WriteAsync(TableKeys.SystemTable, batch, cancellationToken)).Done;
        // A note that was written again, or another collector's sum, which is as good.
        if (!isWritten && !(await _tables.WriteAsync(TableKeys.SystemTable, batch[..1], cancellationToken)).Done) return;
        await _tables.DeleteUnchangedAsync(TableKeys.SystemTable, isWritten ? [.. _folded.Skip(TableLimits.BatchCount - 1)] : _folded, cancellationToken);
    }

    private IEnumerable<RowWrite> Sum()
    {
        if (_blobs > 0) yield return _before is null ? new RowWrite.Insert(_key, RepositoryUse.ToProperties(_bytes, _blobs)) : new RowWrite.Replace(_key, RepositoryUse.ToProperties(_bytes, _blobs), _before.ETag);
        else if (_before is not null) yield return new RowWrite.Delete(_key, _before.ETag);
    }

    // Hints of a release that wrote no sizes get them once, from the links.
    private async Task SizeAsync(CancellationToken cancellationToken)
    {
        var links = new BlobLinks(run.Context);
        foreach (var hints in _withoutSize.Chunk(TableLimits.BatchCount))
        {
            var found = await Task.WhenAll(hints.Select(async hint => (Hint: hint, Link: await links.FindLinkAsync(repository, LinkSweep.DigestOf(hint), cancellationToken))));
            List<RowWrite> sizes = [];
            foreach (var (hint, link) in found)
            {
                if (link is null)
                {
                    _blobs--;
                    continue;
                }

                _bytes += BlobLinks.SizeOf(link);
                sizes.Add(new RowWrite.Merge(hint.Key, new Dictionary<string, object> { [BlobLinks.SizeProperty] = BlobLinks.SizeOf(link) }, "*"));
            }

            if (sizes.Count > 0) await _tables.WriteAsync(TableKeys.RegistryTable, sizes, cancellationToken);
        }
    }
}
