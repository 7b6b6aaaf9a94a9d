using Serverless.Registry.Storage;
using Serverless.Testing;

namespace Serverless.Soak;

/// <summary>Finds what nobody can reach and no collector will ever look at.</summary>
internal static class Leaks
{
    /// <param name="stores">The stores, without faults.</param>
    /// <param name="excused">How many requests and collections failed in the middle: each may leave bytes without a row, which only a search finds.</param>
    public static async Task<IReadOnlyList<string>> FindAsync(Stores stores, int excused)
    {
        var audit = await StoreAudit.ReadAsync((stores.Tables, stores.Objects));
        var rows = audit.Rows.ToHashSet();
        var named = await NamedAsync(stores);
        List<string> leaks = [];
        foreach (var row in rows)
        {
            var (partition, key) = (row[..row.IndexOf('|', StringComparison.Ordinal)], row[(row.IndexOf('|', StringComparison.Ordinal) + 1)..]);
            if (key == TableKeys.BlobRow && !rows.Any(r => r != row && r.StartsWith(partition + "|", StringComparison.Ordinal))) leaks.Add($"blob {row}");
            if (key.StartsWith(TableKeys.HintPrefix, StringComparison.Ordinal) && !named.Contains($"{key[TableKeys.HintPrefix.Length..]}|{partition}")) leaks.Add($"hint {row}");
            if (key.StartsWith(TableKeys.UploadPrefix, StringComparison.Ordinal)) leaks.Add($"session {row}");
        }

        leaks.AddRange(rows.Where(r => IsLink(r) && !named.Contains(r)).Select(r => $"link {r}"));
        if (audit.OrphanObjects.Count > excused) leaks.Add($"{audit.OrphanObjects.Count} objects that nothing names, with {excused} failures");
        Console.WriteLine($"{audit.OrphanObjects.Count} objects are left without a row, after {excused} failures in the middle");
        return leaks;
    }

    private static bool IsLink(string row) => row.StartsWith("sha256:", StringComparison.Ordinal) && !row.EndsWith("|" + TableKeys.BlobRow, StringComparison.Ordinal);

    /// <summary>The keys of the links that manifests need.</summary>
    private static async Task<HashSet<string>> NamedAsync(Stores stores)
    {
        HashSet<string> named = [];
        var manifests = RowQuery.Prefix(null, TableKeys.ManifestPrefix);
        await foreach (var row in stores.Tables.ListAsync(TableKeys.RegistryTable, manifests, default))
        {
            var text = System.Text.Encoding.UTF8.GetString(row.FindBytes("payload") ?? []);
            for (var i = 0; i < Content.Blobs; i++)
            {
                var digest = Content.DigestOf(i).ToString();
                if (text.Contains(digest, StringComparison.Ordinal)) named.Add($"{digest}|{row.Key.Partition}");
            }
        }

        return named;
    }
}
