using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>Reads what the manifests of a repository name, mostly without reading the manifests: their rows hold a list.</summary>
internal sealed class ManifestReader(CollectionRun run, RepositoryName repository)
{
    /// <param name="seen">Told of each manifest, by its number in the graph, when all that it names is there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The manifests; null when one of them cannot be read, which is reported.</returns>
    public async Task<ManifestGraph?> ReadAsync(Func<int, TableRow, Task> seen, CancellationToken cancellationToken)
    {
        var graph = new ManifestGraph();
        var query = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.ManifestPrefix) with { Select = ManifestRow.CollectorProperties };
        await foreach (var row in run.Context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            var digest = Digest.Parse(row.Key.Row[TableKeys.ManifestPrefix.Length..]);
            var number = graph.Add(digest, row.ETag, ManifestRow.Subject(row));
            if (ManifestRow.FindReferenceList(row) is { } list)
            {
                AddReferences(graph, list.Span);
            }
            else if (!await AddReferencesAsync(graph, digest, cancellationToken))
            {
                run.Report(new CollectedItem(CollectedKind.Skipped, repository, digest, Note: "the manifest cannot be read"));
                return null;
            }

            await seen(number, row);
        }

        return graph;
    }

    private static void AddReferences(ManifestGraph graph, ReadOnlySpan<byte> list)
    {
        while (ReferenceList.TryRead(ref list, out var algorithm, out var hash)) graph.AddReference(algorithm, hash);
    }

    /// <returns>False when the manifest cannot be read.</returns>
    private async Task<bool> AddReferencesAsync(ManifestGraph graph, Digest digest, CancellationToken cancellationToken)
    {
        var references = await new ManifestStore(run.Context, repository).ReadReferencesAsync(digest, cancellationToken);
        foreach (var reference in references ?? []) graph.AddReference(reference);
        return references is not null;
    }
}
