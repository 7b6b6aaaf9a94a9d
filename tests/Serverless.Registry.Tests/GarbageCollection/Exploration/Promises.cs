using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>The world is in a state that must never be.</summary>
internal sealed class ViolationException(string message) : Exception(message);

/// <summary>What clients were told, and whether it still holds.</summary>
internal sealed class Promises(World world)
{
    private readonly HashSet<(RepositoryName Repository, Digest Digest)> _kept = [];
    private readonly HashSet<(RepositoryName Repository, Digest Blob)> _blobsDeleted = [];
    private readonly Dictionary<(RepositoryName, Digest), (int Begun, int UnderWay)> _deletions = [];
    private readonly Dictionary<(RepositoryName Repository, Tag Tag), Digest> _tags = [];
    private readonly List<(string Location, int Epoch)> _downloads = [];
    private string? _tooOld;
    private readonly Dictionary<(string Table, RowKey Key), TableRow> _rows = [];

    /// <summary>Part of the state of the world.</summary>
    public ulong Hash
    {
        get
        {
            var hash = 0UL;
            foreach (var kept in _kept) hash += StateHash.Of($"kept {kept}");
            foreach (var blob in _blobsDeleted) hash += StateHash.Of($"deleted {blob}");
            foreach (var deletion in _deletions) hash += StateHash.Of($"deletions {deletion}");
            if (_tooOld is not null) hash += StateHash.Of($"too old {_tooOld}");
            foreach (var tag in _tags) hash += StateHash.Of($"tag {tag}");
            foreach (var (location, epoch) in _downloads.Where(d => d.Epoch == world.Epoch)) hash += StateHash.Of($"download {location} {epoch}");
            return hash;
        }
    }

    /// <summary>Puts a manifest; from the answer on it is there, unless somebody deletes it at the same time or later.</summary>
    public Task PutAsync(RepositoryName repository, Digest digest, Func<Task> put) => PutAsync(repository, digest, async () =>
    {
        await put();
        return true;
    });

    /// <summary>As the other overload, where the answer may be that nothing was put.</summary>
    public async Task PutAsync(RepositoryName repository, Digest digest, Func<Task<bool>> put)
    {
        var deletions = _deletions.GetValueOrDefault((repository, digest));
        if (await put() && deletions.UnderWay == 0 && _deletions.GetValueOrDefault((repository, digest)) == deletions) Keep(repository, digest);
    }

    public void Keep(RepositoryName repository, Digest digest) => _kept.Add((repository, digest));

    /// <summary>Deletes a manifest; from the beginning until the next push it may be gone.</summary>
    public async Task DeleteAsync(RepositoryName repository, Digest digest, Func<Task> delete)
    {
        _kept.Remove((repository, digest));
        var deletions = _deletions.GetValueOrDefault((repository, digest));
        _deletions[(repository, digest)] = (deletions.Begun + 1, deletions.UnderWay + 1);
        await delete();
        deletions = _deletions[(repository, digest)];
        _deletions[(repository, digest)] = deletions with { UnderWay = deletions.UnderWay - 1 };
    }

    /// <summary>A tag that nobody deletes.</summary>
    public void Keep(RepositoryName repository, Tag tag, Digest digest) => _tags[(repository, tag)] = digest;

    /// <summary>A client may delete a blob that is in use, and has what it asked for.</summary>
    public void ReleaseBlob(RepositoryName repository, Digest digest) => _blobsDeleted.Add((repository, digest));

    /// <summary>Somebody got a URL that is good for minutes.</summary>
    public void Download(string location) => _downloads.Add((location, world.Epoch));

    /// <summary>Somebody has deleted something; a collector may only do so while what is stored is for its release.</summary>
    public void Deleted(Actor actor)
    {
        if (actor.Script.IsClient) return;
        var stored = RegistryFormat.Report(world.Tables.FindAsync(TableKeys.SystemTable, TableKeys.Format, default).Result).Stored;
        if (stored?.Collector > actor.Registry.Options.Format.Collector) _tooOld ??= actor.Script.Name;
    }

    /// <summary>Fails when a promise is broken or something dangles.</summary>
    public void Check()
    {
        if (_tooOld is not null) throw new ViolationException($"The release of '{_tooOld}' is too old, and it deleted something.");
        Read();
        foreach (var ((table, key), row) in _rows)
        {
            if (table == TableKeys.BlobsTable) CheckBlob(key, row);
            if (table == TableKeys.RegistryTable && key.Row.StartsWith(TableKeys.TagPrefix, StringComparison.Ordinal)) CheckTag(key, row);
        }

        foreach (var (repository, digest) in _kept) CheckManifest(repository, digest);
        foreach (var ((repository, tag), digest) in _tags)
        {
            var row = Find(TableKeys.RegistryTable, TableKeys.Tag(repository, tag)) ?? throw new ViolationException($"The tag {tag} was lost.");
            if (ManifestRow.TagDigest(row) != digest) throw new ViolationException($"The tag {tag} points elsewhere.");
        }

        foreach (var (location, epoch) in _downloads)
        {
            if (epoch == world.Epoch && !Exists(location)) throw new ViolationException("Bytes were dropped while a fresh URL for them was about.");
        }
    }

    /// <summary>The rows that were there when this was last checked.</summary>
    public IReadOnlyCollection<(string Table, RowKey Key)> Rows => _rows.Keys;

    private void CheckBlob(RowKey key, TableRow row)
    {
        if (key.Row == TableKeys.BlobRow)
        {
            if (!world.BytesMayBeLost && !Exists(row.GetString("location"))) throw new ViolationException("A blob names bytes that are not there.");
            return;
        }

        var blob = Find(TableKeys.BlobsTable, key with { Row = TableKeys.BlobRow });
        if (blob?.GetString("location") != row.GetString("location")) throw new ViolationException($"The link of {key.Row} has no blob, or another one.");
    }

    private void CheckTag(RowKey key, TableRow row)
    {
        if (Find(TableKeys.RegistryTable, key with { Row = TableKeys.ManifestPrefix + ManifestRow.TagDigest(row) }) is null)
        {
            throw new ViolationException($"The tag {key.Row} names a manifest that is not there.");
        }
    }

    private void CheckManifest(RepositoryName repository, Digest digest)
    {
        var row = Find(TableKeys.RegistryTable, TableKeys.Manifest(repository, digest)) ?? throw new ViolationException("An acknowledged manifest is not there.");
        if (Find(TableKeys.SystemTable, TableKeys.Catalog(repository)) is null) throw new ViolationException("A repository with a manifest is not in the catalog.");
        if (ManifestRow.Subject(row) is { } subject && Find(TableKeys.RegistryTable, TableKeys.Referrer(repository, subject, digest)) is null)
        {
            throw new ViolationException("An acknowledged referrer is not listed.");
        }

        foreach (var named in ManifestRow.FindReferences(row)!)
        {
            if (Find(TableKeys.RegistryTable, TableKeys.Manifest(repository, named)) is not null)
            {
                CheckManifest(repository, named);
            }
            else if (Find(TableKeys.BlobsTable, TableKeys.Link(named, repository)) is null && !_blobsDeleted.Contains((repository, named)))
            {
                throw new ViolationException("An acknowledged manifest names something that is not there.");
            }
        }
    }

    private TableRow? Find(string table, RowKey key) => _rows.GetValueOrDefault((table, key));

    private bool Exists(string location) => world.Objects.FindAsync(location, default).Result is not null;

    private void Read()
    {
        _rows.Clear();
        foreach (var table in (string[])[TableKeys.RegistryTable, TableKeys.BlobsTable, TableKeys.SystemTable])
        {
            var page = world.Tables.QueryAsync(table, RowQuery.Prefix(null, ""), null, default).Result;
            foreach (var row in page.Rows) _rows[(table, row.Key)] = row;
        }
    }
}
