using Serverless.Registry.Access;
using Serverless.Registry.Accounts;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Routing;
using Serverless.Web.Settings;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/scope-maps</c>, for those who look after the registry.</summary>
internal sealed class ScopeMapEndpoints(ScopeMapStore maps, AdminLog log, AuthSettings settings) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.ScopeMaps, "GET") => (http, _) => ListAsync(http),
        (RegistryRoute.ScopeMap r, "PUT") => (http, caller) => SetAsync(http, caller, r.Id),
        (RegistryRoute.ScopeMap r, "DELETE") => (http, caller) => DeleteAsync(http, caller, r.Id),
        _ => null,
    };

    private async Task ListAsync(HttpContext http)
    {
        var all = await maps.ListAsync(http.RequestAborted);
        await ApiBody.WriteAsync(http, new ScopeMapListDocument([.. all.Select(m => Describe(m.Key, m.Value))]), ApiJson.Default.ScopeMapListDocument, hasTag: true);
    }

    private async Task SetAsync(HttpContext http, Caller caller, string name)
    {
        var rights = AccountOrders.Read(await ApiBody.ReadAsync(http, ApiJson.Default.ScopeMapOrder));
        if (!ScopeMapStore.IsName(name)) throw ApiBody.Invalid("a scope map's name has 1 to 64 letters, digits, dots, hyphens and underscores");
        DemandStored(name);
        await log.NoteAsync(caller.Name, "scope-map.set", name, string.Join(' ', rights.Rules), http.RequestAborted);
        await maps.SetAsync(name, rights, http.RequestAborted);
        await ApiBody.WriteAsync(http, Describe(name, rights), ApiJson.Default.ScopeMapDocument);
    }

    private async Task DeleteAsync(HttpContext http, Caller caller, string name)
    {
        if (!ScopeMapStore.IsName(name)) throw new RegistryException(ApiErrors.ScopeMapUnknown);
        DemandStored(name);
        await log.NoteAsync(caller.Name, "scope-map.delete", name, null, http.RequestAborted);
        if (!await maps.DeleteAsync(name, http.RequestAborted)) throw new RegistryException(ApiErrors.ScopeMapUnknown);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private ScopeMapDocument Describe(string name, AccessRights rights) => new(name, [.. rights.Rules.Select(r => r.ToString())], settings.ScopeMaps.ContainsKey(name));

    private void DemandStored(string name)
    {
        if (settings.ScopeMaps.ContainsKey(name)) throw new RegistryException(ApiErrors.ScopeMapConfigured);
    }
}
