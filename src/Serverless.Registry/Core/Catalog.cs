using System.Runtime.CompilerServices;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// The names of the repositories that have, or had, manifests, in ASCII order and within the registry's scope. A row that is of no repository, whoever has written it, is passed over.
/// </summary>
internal sealed class Catalog(ITableStore tables, RegistryScope scope)
{
    // A scope has a slash, so what is below it is in one partition.
    private RowQuery All => scope.Prefix.Length == 0
        ? RowQuery.Partitions(TableKeys.CatalogPrefix)
        : RowQuery.Prefix(TableKeys.CatalogPartition(scope.Prefix), TableKeys.Encode(scope.Prefix));

    public async Task<bool> ContainsAsync(RepositoryName name, CancellationToken cancellationToken) =>
        scope.Contains(name) && await tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(name), cancellationToken) is not null;

    /// <param name="last">The text after which to go on; it need not be a repository. Null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<RepositoryName> ListAsync(string? last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, After(last), cancellationToken))
        {
            if (TryRead(row, out var name)) yield return name;
        }
    }

    /// <summary>A page of the names that <paramref name="visible"/> lets through, or of all of them; a filter reads on until the page is full.</summary>
    public async Task<(IReadOnlyList<RepositoryName> Names, bool More)> ListPageAsync(
        int count, string? last, Func<RepositoryName, bool>? visible, CancellationToken cancellationToken)
    {
        var query = After(last);
        if (visible is not null) return await FilterPageAsync(query, count, visible, cancellationToken);
        var (rows, more) = await tables.TakeAsync(TableKeys.SystemTable, query, count, cancellationToken);
        return ([.. rows.SelectMany(r => TryRead(r, out var name) ? [name] : Array.Empty<RepositoryName>())], more);
    }

    // A row in a partition that is not its own is out of order.
    private static bool TryRead(TableRow row, out RepositoryName name) => TableKeys.TryDecode(row.Key.Row, out name) && TableKeys.Catalog(name) == row.Key;

    // The rows of all partitions together are in the order of names: what comes after a name is in its partition or a later one, and after it there too.
    private RowQuery After(string? last)
    {
        if (last is null) return All;
        var after = All.After(TableKeys.Encode(last));
        return after.Partition is null ? after with { FirstPartition = TableKeys.CatalogPartition(last) } : after;
    }

    private async Task<(IReadOnlyList<RepositoryName> Names, bool More)> FilterPageAsync(
        RowQuery query, int count, Func<RepositoryName, bool> visible, CancellationToken cancellationToken)
    {
        List<RepositoryName> names = [];
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, query, cancellationToken))
        {
            if (!TryRead(row, out var name) || !visible(name)) continue;
            if (names.Count == count) return (names, true);
            names.Add(name);
        }

        return (names, false);
    }
}
