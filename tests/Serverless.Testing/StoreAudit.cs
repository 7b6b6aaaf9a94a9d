using System.Text.Json;
using Serverless.Registry.Storage;
using Xunit;

namespace Serverless.Testing;

/// <summary>Looks at everything that is stored and finds what must never be: a reference to something that is not there.</summary>
public sealed class StoreAudit
{
    private readonly List<TableRow> _registry = [];
    private readonly List<TableRow> _blobs = [];
    private readonly List<StoredObject> _objects = [];
    private readonly List<StoredObject> _elsewhere = [];

    private StoreAudit()
    {
    }

    /// <summary>Names of objects that no blob points at: garbage that a crash may leave, and nothing else may.</summary>
    public IReadOnlyList<string> OrphanObjects
    {
        get
        {
            var used = _blobs.Where(r => r.Key.Row == TableKeys.BlobRow).Select(r => r.GetString("location")).ToHashSet();
            return [.. _objects.Select(o => o.Name).Where(n => !used.Contains(n))];
        }
    }

    /// <summary>Objects that are stored.</summary>
    public int ObjectCount => _objects.Count;

    /// <summary>Rows in the tables of repositories and of blobs, as <c>partition|row</c>.</summary>
    public IReadOnlyList<string> Rows => [.. _registry.Concat(_blobs).Select(r => r.Key.Partition + "|" + r.Key.Row)];

    public static async Task<StoreAudit> ReadAsync((ITableStore Tables, IObjectStore Objects) stores)
    {
        var audit = new StoreAudit();
        await foreach (var row in stores.Tables.ListAsync(TableKeys.RegistryTable, RowQuery.Prefix(null, ""), default)) audit._registry.Add(row);
        await foreach (var row in stores.Tables.ListAsync(TableKeys.BlobsTable, RowQuery.Prefix(null, ""), default)) audit._blobs.Add(row);
        await foreach (var found in stores.Objects.ListAsync(TableKeys.ObjectPrefix, default)) audit._objects.Add(found);
        foreach (var location in audit._blobs.Select(r => r.GetString("location")).Distinct().Where(l => !l.StartsWith(TableKeys.ObjectPrefix, StringComparison.Ordinal)))
        {
            if (await stores.Objects.FindAsync(location, default) is { } found) audit._elsewhere.Add(found);
        }

        return audit;
    }

    /// <summary>Fails when something dangles.</summary>
    public StoreAudit AssertSound()
    {
        AssertBlobsSound();
        var rows = Rows.ToHashSet();
        foreach (var row in _registry)
        {
            var kind = row.Key.Row[..2];
            if (kind == TableKeys.TagPrefix) Assert.Contains($"{row.Key.Partition}|{TableKeys.ManifestPrefix}{row.GetString("digest")}", rows);
            if (kind == TableKeys.ManifestPrefix) AssertReferences(row, rows);
        }

        return this;
    }

    /// <summary>Fails when a link or a blob dangles. What manifests name is not looked at: a client may delete a blob that it has in use.</summary>
    public void AssertBlobsSound()
    {
        var objects = _objects.Concat(_elsewhere).ToDictionary(o => o.Name, o => o.Size);
        var blobs = _blobs.Where(r => r.Key.Row == TableKeys.BlobRow).ToDictionary(r => r.Key.Partition);
        foreach (var blob in blobs.Values)
        {
            Assert.True(objects.TryGetValue(blob.GetString("location"), out var size), $"The bytes of {blob.Key.Partition} are missing.");
            Assert.Equal(blob.GetInt64("size"), size);
        }

        foreach (var link in _blobs.Where(r => r.Key.Row != TableKeys.BlobRow))
        {
            Assert.True(blobs.TryGetValue(link.Key.Partition, out var blob), $"A link to {link.Key.Partition} has no blob.");
            Assert.Equal(blob.GetString("location"), link.GetString("location"));
        }
    }

    private static void AssertReferences(TableRow manifest, HashSet<string> rows)
    {
        if (manifest.FindBytes("payload") is not { } payload || manifest.FindBytes("payload1") is not null) return;
        using var json = JsonDocument.Parse(payload);
        foreach (var digest in Digests(json.RootElement))
        {
            var held = rows.Contains($"{digest}|{manifest.Key.Partition}") || rows.Contains($"{manifest.Key.Partition}|{TableKeys.ManifestPrefix}{digest}");
            Assert.True(held, $"The manifest {manifest.Key.Row} names {digest}, which its repository does not hold.");
        }
    }

    private static IEnumerable<string> Digests(JsonElement manifest)
    {
        if (manifest.TryGetProperty("config", out var config)) yield return config.GetProperty("digest").GetString()!;
        foreach (var list in (string[])["layers", "manifests"])
        {
            if (!manifest.TryGetProperty(list, out var items)) continue;
            foreach (var item in items.EnumerateArray())
            {
                if (!item.TryGetProperty("urls", out _)) yield return item.GetProperty("digest").GetString()!;
            }
        }
    }
}
