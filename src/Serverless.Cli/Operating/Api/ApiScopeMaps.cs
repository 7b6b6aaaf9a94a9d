using Serverless.Registry.Access;

namespace Serverless.Cli.Operating.Api;

/// <summary>The scope maps over the API.</summary>
internal sealed class ApiScopeMaps(ApiClient client) : IScopeMaps
{
    private const string Unknown = "SCOPE_MAP_UNKNOWN";

    private static readonly string[] s_configured = ["SCOPE_MAP_CONFIGURED"];

    public async Task<IReadOnlyList<ScopeMapInfo>> ListAsync(CancellationToken cancellationToken) =>
        (await client.FindAsync("scope-maps", ApiRight.Admin, ApiDocuments.Default.ApiScopeMapList, [], cancellationToken))!.ScopeMaps;

    public async Task SetAsync(string name, AccessRights rights, CancellationToken cancellationToken)
    {
        var order = ApiOrder.Of(HttpMethod.Put, $"scope-maps/{name}", new ApiScopeMapOrder([.. rights.Rules.Select(r => r.ToString())]), ApiDocuments.Default.ApiScopeMapOrder);
        if (await client.SendAsync(order, ApiRight.Admin, ApiDocuments.Default.ScopeMapInfo, s_configured, cancellationToken) is null) throw IScopeMaps.Configured(name);
    }

    public async Task<bool> DeleteAsync(string name, CancellationToken cancellationToken)
    {
        if ((await ListAsync(cancellationToken)).Any(m => m.Name == name && m.IsConfigured)) throw IScopeMaps.Configured(name);
        return await client.SendAsync(HttpMethod.Delete, $"scope-maps/{name}", ApiRight.Admin, [Unknown], cancellationToken);
    }
}
