using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tags;

/// <summary>What tags are to point at, and their row.</summary>
internal sealed record TagTarget(Descriptor Descriptor, IReadOnlyDictionary<string, object> Row);

/// <summary>
/// The writes that point tags at a manifest: of each the tag, its history, and what leads back from the manifest. A tag that may be moved is upserted. An immutable one is inserted, so
/// that of two pushes at once one fails in storage, with no look beforehand that could be out of date; pushing again what it points at is fine. Where tags are restored all are
/// inserted, and those that exist are left alone.
/// </summary>
internal sealed class TagWrites(RegistryContext context, RepositoryName repository, IEnumerable<Tag> tags, Immutability immutability, bool onlyAbsent)
{
    private readonly List<Tag> _tags = [.. tags];
    private readonly Dictionary<Tag, RowWrite> _history = [];
    private readonly Dictionary<Tag, RowWrite> _writes = [];
    private TagTarget? _target;

    public IReadOnlyCollection<Tag> Tags => _tags;

    public int Count => _tags.Count;

    /// <summary>Inserts that tell, if one exists, that the batch was applied before.</summary>
    public IReadOnlyList<RowWrite> History => [.. _tags.Select(t => _history[t])];

    /// <summary>The tags, and what leads back to them.</summary>
    public IEnumerable<RowWrite> Pointers => _tags.SelectMany<Tag, RowWrite>(t => [_writes[t], RowWrite.Note(TableKeys.Pointer(repository, _target!.Descriptor.Digest, t))]);

    /// <summary>Says what they are to point at.</summary>
    public void Aim(TagHistory history, TagTarget target, DateTimeOffset now, string? actor)
    {
        _target = target;
        foreach (var tag in _tags) (_history[tag], _writes[tag]) = (history.Insert(tag, target.Descriptor, now, actor), New(tag));
    }

    /// <summary>Looks at those that are inserted after their batch failed, and replaces the writes of those that exist, or leaves them out.</summary>
    /// <returns>Whether a write was replaced or left out, so that another try may succeed.</returns>
    /// <exception cref="RegistryException">DENIED: an immutable tag points elsewhere.</exception>
    public async Task<bool> RefreshAsync(CancellationToken cancellationToken)
    {
        var changed = false;
        foreach (var tag in _tags.Where(t => onlyAbsent || immutability.Holds(t)).ToList())
        {
            var row = await context.Tables.FindAsync(TableKeys.RegistryTable, TableKeys.Tag(repository, tag), cancellationToken);
            if (row is not null && onlyAbsent)
            {
                changed |= _tags.Remove(tag);
                continue;
            }

            if (row is not null && ManifestRow.TagDigest(row) != _target!.Descriptor.Digest) throw Immutability.Refuse(tag);
            var write = row is null ? New(tag) : new RowWrite.Touch(row.Key, row.ETag);
            changed |= write != _writes[tag];
            _writes[tag] = write;
        }

        return changed;
    }

    private RowWrite New(Tag tag) => onlyAbsent || immutability.Holds(tag)
        ? new RowWrite.Insert(TableKeys.Tag(repository, tag), _target!.Row)
        : new RowWrite.Upsert(TableKeys.Tag(repository, tag), _target!.Row);
}
