using Serverless.Registry.Oci;
using Serverless.Registry.Storage;
using Serverless.Testing;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>After everybody is done, a few collections must leave nothing that nobody can reach.</summary>
internal static class Drain
{
    private const int Rounds = 7;

    public static void Run(World world, Scenario scenario)
    {
        var registry = new ContainerRegistry(world.Tables, world.Objects, scenario.Options, world.Time);
        for (var round = 0; round < Rounds; round++)
        {
            world.PassGrace();
            registry.GarbageCollector.CollectAsync(scenario.Collection, null, default).GetAwaiter().GetResult();
        }

        world.Promises.Check();
        var rows = world.Promises.Rows.ToHashSet();
        foreach (var (table, key) in rows)
        {
            if (!IsUsed(table, key, rows)) throw new ViolationException($"A leak: {table} {key.Partition} {key.Row} stays for ever.");
        }

        // Bytes that a client has left without a row when it died are found by a search, not by the collector; a collector leaves none, wherever it dies.
        var audit = StoreAudit.ReadAsync((world.Tables, world.Objects)).GetAwaiter().GetResult();
        if (!world.AnyClientCrashed && audit.OrphanObjects.Count > 0) throw new ViolationException("A leak: bytes that nothing names.");
    }

    private static bool IsUsed(string table, RowKey key, HashSet<(string Table, RowKey Key)> rows)
    {
        if (table == TableKeys.BlobsTable)
        {
            var links = rows.Where(r => r.Table == table && r.Key.Partition == key.Partition && r.Key.Row != TableKeys.BlobRow);
            return key.Row == TableKeys.BlobRow ? links.Any() : IsNamed(TableKeys.Decode(key.Row), rows);
        }

        if (table == TableKeys.SystemTable)
        {
            if (TableKeys.RepositoryQueue.Covers(key.Partition) || TableKeys.DigestQueue.Covers(key.Partition)) return false;
            return !key.Partition.StartsWith(TableKeys.CatalogPrefix, StringComparison.Ordinal) || IsNamed(TableKeys.Decode(key.Row), rows);
        }

        // What leads back from the manifests that are there is needed; that it leads to the right places is looked at by those who delete.
        if (key.Row.StartsWith(TableKeys.PointerPrefix, StringComparison.Ordinal)) return IsNamed(TableKeys.Decode(key.Partition), rows);
        if (key.Row.StartsWith(TableKeys.DeletedPrefix, StringComparison.Ordinal)) return false;
        var kept = key.Row.StartsWith(TableKeys.HintPrefix, StringComparison.Ordinal) || key.Row.StartsWith(TableKeys.UploadPrefix, StringComparison.Ordinal);
        return !kept || (key.Row.StartsWith(TableKeys.HintPrefix, StringComparison.Ordinal) && IsNamed(TableKeys.Decode(key.Partition), rows));
    }

    // The scenarios have one blob, which every manifest names.
    private static bool IsNamed(RepositoryName repository, HashSet<(string Table, RowKey Key)> rows) => rows.Any(r =>
        r.Table == TableKeys.RegistryTable && r.Key.Partition == TableKeys.Encode(repository) && r.Key.Row.StartsWith(TableKeys.ManifestPrefix, StringComparison.Ordinal));
}
