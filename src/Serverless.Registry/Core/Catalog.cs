using System.Runtime.CompilerServices;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// The names of the repositories that have, or had, manifests, in ASCII order and within the registry's scope. A row that is of no repository, whoever has written it, is passed over.
/// </summary>
internal sealed class Catalog(ITableStore tables, RegistryScope scope)
{
    private RowQuery All => RowQuery.Prefix(TableKeys.CatalogPartition, TableKeys.Encode(scope.Prefix));

    public async Task<bool> ContainsAsync(RepositoryName name, CancellationToken cancellationToken) =>
        scope.Contains(name) && await tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(name), cancellationToken) is not null;

    /// <param name="last">The text after which to go on; it need not be a repository. Null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<RepositoryName> ListAsync(string? last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, After(last), cancellationToken))
        {
            if (TableKeys.TryDecode(row.Key.Row, out var name)) yield return name;
        }
    }

    /// <summary>A page of the names that <paramref name="visible"/> lets through, or of all of them; a filter reads on until the page is full.</summary>
    public async Task<(IReadOnlyList<RepositoryName> Names, bool More)> ListPageAsync(
        int count, string? last, Func<RepositoryName, bool>? visible, CancellationToken cancellationToken)
    {
        var query = After(last);
        if (visible is not null) return await FilterPageAsync(query, count, visible, cancellationToken);
        var (rows, more) = await tables.TakeAsync(TableKeys.SystemTable, query, count, cancellationToken);
        return ([.. rows.SelectMany(r => TableKeys.TryDecode(r.Key.Row, out var name) ? [name] : Array.Empty<RepositoryName>())], more);
    }

    private RowQuery After(string? last) => last is null ? All : All.After(TableKeys.Encode(last));

    private async Task<(IReadOnlyList<RepositoryName> Names, bool More)> FilterPageAsync(
        RowQuery query, int count, Func<RepositoryName, bool> visible, CancellationToken cancellationToken)
    {
        List<RepositoryName> names = [];
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, query, cancellationToken))
        {
            if (!TableKeys.TryDecode(row.Key.Row, out var name) || !visible(name)) continue;
            if (names.Count == count) return (names, true);
            names.Add(name);
        }

        return (names, false);
    }
}
