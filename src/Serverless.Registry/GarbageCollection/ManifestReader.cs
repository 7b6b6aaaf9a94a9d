using Serverless.Registry.Manifests;
using Serverless.Registry.Oci;
using Serverless.Registry.Rows;
using Serverless.Registry.Storage;

namespace Serverless.Registry.GarbageCollection;

/// <summary>Reads what the manifests of a repository name, mostly without reading the manifests: their rows hold a list.</summary>
internal sealed class ManifestReader(CollectionRun run, RepositoryName repository)
{
    /// <returns>The manifests; null when one of them cannot be read, which is reported.</returns>
    public async Task<List<ManifestNode>?> ReadAsync(CancellationToken cancellationToken)
    {
        List<ManifestNode> nodes = [];
        var query = RowQuery.Prefix(TableKeys.Encode(repository), TableKeys.ManifestPrefix) with { Select = ManifestRow.CollectorProperties };
        await foreach (var row in run.Context.Tables.ListAsync(TableKeys.RegistryTable, query, cancellationToken))
        {
            var digest = Digest.Parse(row.Key.Row[TableKeys.ManifestPrefix.Length..]);
            var references = ManifestRow.FindReferences(row) ?? await ReadReferencesAsync(digest, cancellationToken);
            if (references is null)
            {
                run.Report(new CollectedItem(CollectedKind.Skipped, repository, digest, Note: "the manifest cannot be read"));
                return null;
            }

            nodes.Add(new ManifestNode(row, digest, ManifestRow.Subject(row), references));
        }

        return nodes;
    }

    private async Task<IReadOnlyList<Digest>?> ReadReferencesAsync(Digest digest, CancellationToken cancellationToken)
    {
        var manifests = new ManifestStore(run.Context, repository);
        // Gone since its row was read: then it names nothing.
        if (await manifests.FindAsync(new Reference(digest), cancellationToken) is null) return [];
        if (await manifests.GetAsync(new Reference(digest), cancellationToken) is not { } stored) return null;
        try
        {
            var parsed = stored.Parse(run.Context.Options.ManifestTypes);
            return [.. parsed.References.Select(r => r.Digest), digest];
        }
        catch (RegistryException)
        {
            return null;
        }
    }
}
