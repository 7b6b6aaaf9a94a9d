using System.Text.RegularExpressions;
using Serverless.Registry.Access;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Accounts;

/// <summary>Scope maps: rights under a name that accounts and federation rules refer to, so that a team's rights are changed in one place.</summary>
/// <param name="tables">Where they are kept.</param>
/// <param name="configured">Those that the configuration gives; they cannot be changed, and win over stored ones of the same name.</param>
public sealed partial class ScopeMapStore(ITableStore tables, IReadOnlyDictionary<string, AccessRights> configured)
{
    private const string RulesProperty = "rules";

    /// <summary>The name of the map that holds for everybody, those included who have not signed in.</summary>
    public const string Anonymous = "anonymous";

    /// <summary>Whether a scope map can have this name: 1 to 64 letters, digits, dots, hyphens and underscores.</summary>
    public static bool IsName(string text) => Grammar().IsMatch(text);

    /// <summary>All scope maps by name: a round trip to storage for each thousand.</summary>
    public async Task<IReadOnlyDictionary<string, AccessRights>> ListAsync(CancellationToken cancellationToken)
    {
        var maps = new SortedDictionary<string, AccessRights>(StringComparer.Ordinal);
        await foreach (var row in tables.ListAsync(TableKeys.SystemTable, RowQuery.Prefix(TableKeys.ScopeMapPartition, ""), cancellationToken))
        {
            maps[row.Key.Row] = Read(row);
        }

        foreach (var (name, rights) in configured) maps[name] = rights;
        return maps;
    }

    /// <summary>
    /// The sum of scope maps, that of everybody included. Names without a map give nothing. Each map that is stored is one round trip to storage, all of them at
    /// once; others are not read, and nothing is kept.
    /// </summary>
    public async Task<AccessRights> SumAsync(IEnumerable<string> names, CancellationToken cancellationToken)
    {
        var maps = await Task.WhenAll(names.Prepend(Anonymous).Distinct(StringComparer.Ordinal).Select(n => FindAsync(n, cancellationToken)));
        return new AccessRights(maps.SelectMany(m => m?.Rules ?? []));
    }

    /// <summary>Makes a scope map or replaces it.</summary>
    /// <exception cref="ArgumentException">The name is no name, or the map belongs to the configuration.</exception>
    public async Task SetAsync(string name, AccessRights rights, CancellationToken cancellationToken)
    {
        Check(name);
        var properties = new Dictionary<string, object> { [RulesProperty] = string.Join('\n', rights.Rules) };
        await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Upsert(TableKeys.ScopeMap(name), properties), cancellationToken);
    }

    /// <summary>Deletes a scope map.</summary>
    /// <returns>False when there is none.</returns>
    /// <exception cref="ArgumentException">The name is no name, or the map belongs to the configuration.</exception>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        Check(name);
        return (await tables.WriteAsync(TableKeys.SystemTable, new RowWrite.Delete(TableKeys.ScopeMap(name), "*"), cancellationToken)).Done;
    }

    private async Task<AccessRights?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (configured.TryGetValue(name, out var rights)) return rights;
        if (!IsName(name)) return null;
        return await tables.FindAsync(TableKeys.SystemTable, TableKeys.ScopeMap(name), cancellationToken) is { } row ? Read(row) : null;
    }

    private static AccessRights Read(TableRow row) =>
        new(row.GetString(RulesProperty).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(r => AccessRule.Parse(r)));

    private void Check(string name)
    {
        if (!IsName(name)) throw new ArgumentException("A scope map's name has 1 to 64 letters, digits, dots, hyphens and underscores.", nameof(name));
        if (configured.ContainsKey(name)) throw new ArgumentException($"The scope map '{name}' is set by the configuration.", nameof(name));
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
