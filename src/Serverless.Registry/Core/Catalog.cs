using System.Runtime.CompilerServices;
using Serverless.Registry.Access;
using Serverless.Registry.Oci;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Core;

/// <summary>
/// The names of the repositories that have, or had, manifests, in ASCII order and within the registry's scope. A row that is of no repository, whoever has written it, is passed over.
/// </summary>
internal sealed class Catalog(ITableStore tables, RegistryScope scope, SharedSecret secret)
{
    // What one page may cost somebody who sees little of a large catalog: four thousand names.
    private const int MaxCalls = 4;
    private const int FewestRows = 100;

    private readonly CatalogCursors _cursors = new(secret);

    public async Task<bool> ContainsAsync(RepositoryName name, CancellationToken cancellationToken) =>
        scope.Contains(name) && await tables.FindAsync(TableKeys.SystemTable, TableKeys.Catalog(name), cancellationToken) is not null;

    /// <param name="last">The text after which to go on; it need not be a repository. Null begins at the first.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async IAsyncEnumerable<RepositoryName> ListAsync(string? last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (Ranges("").After(last) is not { } query) yield break;
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, query, cancellationToken))
        {
            if (TryRead(row, out var name)) yield return name;
        }
    }

    public async Task<(IReadOnlyList<RepositoryName> Names, bool More)> ListPageAsync(int count, string? last, CancellationToken cancellationToken)
    {
        if (Ranges("").After(last) is not { } query) return ([], false);
        var (rows, more) = await tables.TakeAsync(TableKeys.SystemTable, query, count, cancellationToken);
        return ([.. rows.SelectMany(r => TryRead(r, out var name) ? [name] : Array.Empty<RepositoryName>())], more);
    }

    /// <summary>A page of the names of which the rights let one pull.</summary>
    public async Task<CatalogPage> ListPageAsync(int count, string? last, string? cursor, AccessRights rights, CancellationToken cancellationToken)
    {
        var ranges = Ranges([.. rights.Rules.Where(r => r.Actions.HasFlag(RepositoryActions.Pull)).Select(r => r.Prefix)]);
        var query = ranges.After(cursor is null ? last : await _cursors.OpenAsync(cursor, cancellationToken));
        List<RepositoryName> names = [];
        RepositoryName? reached = null;
        string? continuation = null;
        for (var call = 1; query is not null; call++)
        {
            var size = call == 1 && cursor is null ? Math.Clamp(count, FewestRows, RowQuery.MaxPageSize - 1) + 1 : RowQuery.MaxPageSize;
            var page = await tables.QueryAsync(TableKeys.SystemTable, query with { PageSize = size }, continuation, cancellationToken);
            foreach (var row in page.Rows)
            {
                if (!TryRead(row, out var name)) continue;
                reached = name;
                if (!rights.On(name).HasFlag(RepositoryActions.Pull)) continue;
                if (names.Count == count) return new CatalogPage(names, true);
                names.Add(name);
            }

            continuation = page.Continuation;
            if (continuation is null) break;
            // Storage may hand out pages without rows. Then there is no place to go on from yet.
            if (reached is not { } place) continue;
            if (call >= MaxCalls) return await StopAsync(names, place, cancellationToken);
            if (ranges.LeavesOut(place.ToString())) (query, continuation) = (ranges.After(place.ToString()), null);
        }

        return new CatalogPage(names, false);
    }

    private async Task<CatalogPage> StopAsync(List<RepositoryName> names, RepositoryName reached, CancellationToken cancellationToken) =>
        names.Count > 0 && names[^1] == reached ? new CatalogPage(names, true) : new CatalogPage(names, true, await _cursors.SealAsync(reached, cancellationToken));

    private CatalogRanges Ranges(params string[] prefixes) => new(prefixes, scope.Prefix);

    // A row in a partition that is not its own is out of order.
    private static bool TryRead(TableRow row, out RepositoryName name) => TableKeys.TryDecode(row.Key.Row, out name) && TableKeys.Catalog(name) == row.Key;
}
