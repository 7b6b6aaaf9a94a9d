using Serverless.Registry.Access;
using Serverless.Registry.Accounts;

namespace Serverless.Cli.Operating.Stored;

/// <summary>The scope maps as storage and the settings have them.</summary>
internal sealed class StoredScopeMaps(ScopeMapStore maps, IReadOnlyDictionary<string, AccessRights> configured) : IScopeMaps
{
    public async Task<IReadOnlyList<ScopeMapInfo>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await maps.ListAsync(cancellationToken)).Select(m => new ScopeMapInfo(m.Key, [.. m.Value.Rules.Select(r => r.ToString())], configured.ContainsKey(m.Key)))];

    public Task SetAsync(string name, AccessRights rights, CancellationToken cancellationToken)
    {
        RefuseConfigured(name);
        return maps.SetAsync(name, rights, cancellationToken);
    }

    public Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        RefuseConfigured(name);
        return maps.DeleteAsync(name, cancellationToken);
    }

    private void RefuseConfigured(string name)
    {
        if (configured.ContainsKey(name)) throw IScopeMaps.Configured(name);
    }
}
