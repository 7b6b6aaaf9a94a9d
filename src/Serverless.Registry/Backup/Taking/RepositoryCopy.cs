using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Backup.Taking;

/// <summary>One try to copy a repository.</summary>
internal sealed class RepositoryCopy : IAsyncDisposable
{
    private readonly BackupRun _run;
    private readonly RepositoryName _repository;
    private readonly BackupSpool _spool = new();
    private readonly BlobBackup _copies;
    private readonly DigestSet _manifests = new();
    private readonly DigestSet _children = new();
    private readonly DigestSet _blobs = new();
    private readonly DigestSet _optional = new();
    private readonly List<(string What, string Note)> _unreadable = [];
    private int _tags;

    public RepositoryCopy(BackupRun run, RepositoryName repository) => (_run, _repository, _copies) = (run, repository, new BlobBackup(run, repository, _spool));

    /// <summary>What makes no sense and was left out, or kept as it is.</summary>
    public IReadOnlyList<(string What, string Note)> Unreadable => _unreadable;

    /// <summary>Reads everything, and brings the bytes to the archive.</summary>
    /// <returns>What is named and could not be had, with what is to be said of it.</returns>
    public async Task<IReadOnlyDictionary<Digest, string>> ReadAsync(CancellationToken cancellationToken)
    {
        await AddAllAsync(TableKeys.TagPrefix, AddTagAsync, cancellationToken);
        await AddAllAsync(TableKeys.HistoriesPrefix, AddMoveAsync, cancellationToken);
        await AddAllAsync(TableKeys.ManifestPrefix, AddManifestAsync, cancellationToken);
        var absent = await ReadChildrenAsync(cancellationToken);
        // A child that is no manifest may be a blob: BuildKit lists the layers of its caches as children.
        foreach (var digest in absent) _blobs.Add(digest);
        var missing = new Dictionary<Digest, string>();
        foreach (var digests in _blobs.OrderedExcept(new DigestSet()).Chunk(RowQuery.MaxPageSize))
        {
            var results = await Task.WhenAll(digests.Select(async d => (Digest: d, Problem: await _copies.CopyAsync(d, cancellationToken))));
            foreach (var (digest, problem) in results)
            {
                if (problem is not null && !_optional.Contains(digest)) missing[digest] = problem;
            }
        }

        return missing;
    }

    /// <summary>Whether something that was missing is there by now, or what named it is gone: then the repository has changed under the eyes of the reader.</summary>
    public async Task<bool> HasMovedOnAsync(IReadOnlyDictionary<Digest, string> missing, CancellationToken cancellationToken)
    {
        await foreach (var line in _spool.ReadAsync(cancellationToken))
        {
            if (line is BackupLine.Tag tag && missing.ContainsKey(Digest.Parse(tag.Digest)))
            {
                var row = await FindAsync(TableKeys.Tag(_repository, Tag.Parse(tag.Name)), cancellationToken);
                if (row is null || ManifestRow.TagDigest(row).ToString() != tag.Digest) return true;
            }
            // Of a large one it is not looked up what it names.
            else if (line is BackupLine.Manifest manifest && (manifest.Payload is null || NamesOf(manifest.MediaType, manifest.Payload).Any(d => missing.ContainsKey(d.Digest))))
            {
                if (await FindAsync(TableKeys.Manifest(_repository, Digest.Parse(manifest.Digest)), cancellationToken) is null) return true;
            }
        }

        foreach (var digest in missing.Keys)
        {
            if (await FindAsync(TableKeys.Manifest(_repository, digest), cancellationToken) is not null && !_manifests.Contains(digest)) return true;
            if (await _copies.CopyAsync(digest, cancellationToken) is null) return true;
        }

        return false;
    }

    /// <summary>Writes the repository's file.</summary>
    public async Task WriteAsync(string file, CancellationToken cancellationToken)
    {
        await _run.Archive.WriteAsync(file, _spool.Rewind(), cancellationToken);
        _run.Progress.AddContent(_manifests.Count, _tags);
    }

    public ValueTask DisposeAsync() => _spool.DisposeAsync();

    private async Task AddAllAsync(string prefix, Func<TableRow, CancellationToken, Task> add, CancellationToken cancellationToken)
    {
        var rows = RowQuery.Prefix(TableKeys.Encode(_repository), prefix);
        await foreach (var row in _run.Context.Tables.ListAsync(TableKeys.RegistryTable, rows, cancellationToken))
        {
            try
            {
                await add(row, cancellationToken);
            }
            catch (Exception e) when (e is InvalidDataException or FormatException or ArgumentException)
            {
                _unreadable.Add((row.Key.Row, $"left out, the row cannot be read: {e.Message}"));
            }
        }
    }

    private async Task AddTagAsync(TableRow row, CancellationToken cancellationToken)
    {
        var digest = ManifestRow.TagDigest(row);
        var pushed = row.FindTime(ManifestRow.PushedProperty) ?? row.Timestamp;
        await _spool.AddAsync(new BackupLine.Tag(row.Key.Row[TableKeys.TagPrefix.Length..], digest.ToString(), pushed), cancellationToken);
        _children.Add(digest);
        _tags++;
    }

    private Task AddMoveAsync(TableRow row, CancellationToken cancellationToken)
    {
        var target = ManifestRow.Describe(row, ManifestRow.TagDigest(row));
        var key = row.Key.Row[TableKeys.HistoriesPrefix.Length..];
        return _spool.AddAsync(new BackupLine.Move(key, target.Digest.ToString(), target.MediaType, target.Size, row.FindString(ManifestRow.ActorProperty)), cancellationToken);
    }

    private async Task AddManifestAsync(TableRow row, CancellationToken cancellationToken)
    {
        var digest = Digest.Parse(row.Key.Row[TableKeys.ManifestPrefix.Length..]);
        var mediaType = row.GetString(ManifestRow.MediaTypeProperty);
        var payload = LargeBinary.Find(row, ManifestRow.PayloadProperty);
        _manifests.Add(digest);
        if (payload is null) _blobs.Add(digest);
        await _spool.AddAsync(new BackupLine.Manifest(digest.ToString(), mediaType, payload?.ToArray()), cancellationToken);
        var content = payload ?? (await new ManifestStore(_run.Context, _repository).GetAsync(new Reference(digest), cancellationToken))?.Payload;
        if (content is null) return;
        try
        {
            AddNames(_run.Context.Options.ManifestTypes.Parse(mediaType, content.Value, digest.Algorithm), ManifestRow.IsMirrored(row));
        }
        catch (RegistryException e)
        {
            _unreadable.Add((digest.ToString(), $"kept as it is, but it is no manifest that this release can read: {e.Message}"));
        }
    }

    private void AddNames(Manifest manifest, bool isMirrored)
    {
        var rules = _run.Context.Options.ManifestRules;
        foreach (var blob in manifest.Content.Blobs)
        {
            _blobs.Add(blob.Digest);
            if (isMirrored || rules.MayBlobBeAbsent(manifest, blob)) _optional.Add(blob.Digest);
        }

        foreach (var child in manifest.Content.Manifests)
        {
            _children.Add(child.Digest);
            if (isMirrored || rules.MayChildBeAbsent(child)) _optional.Add(child.Digest);
        }
    }

    /// <summary>Reads what was pushed behind the walk, and what that names.</summary>
    /// <returns>The children, and the targets of tags, that are no manifests.</returns>
    private async Task<IReadOnlyList<Digest>> ReadChildrenAsync(CancellationToken cancellationToken)
    {
        var absent = new DigestSet();
        while (_children.OrderedExcept(_manifests).Where(d => !absent.Contains(d)).ToList() is { Count: > 0 } left)
        {
            foreach (var some in left.Chunk(RowQuery.MaxPageSize))
            {
                var rows = await Task.WhenAll(some.Select(d => FindAsync(TableKeys.Manifest(_repository, d), cancellationToken)));
                foreach (var (digest, row) in some.Zip(rows))
                {
                    if (row is null) absent.Add(digest);
                    else await AddManifestAsync(row, cancellationToken);
                }
            }
        }

        return [.. absent.OrderedExcept(_manifests)];
    }

    private IEnumerable<Descriptor> NamesOf(string mediaType, byte[] payload)
    {
        try
        {
            return _run.Context.Options.ManifestTypes.Parse(mediaType, payload).References;
        }
        catch (RegistryException)
        {
            // Reported when it was read.
            return [];
        }
    }

    private Task<TableRow?> FindAsync(RowKey key, CancellationToken cancellationToken) =>
        _run.Calls.RunAsync(() => _run.Context.Tables.FindAsync(TableKeys.RegistryTable, key, cancellationToken), cancellationToken);
}
