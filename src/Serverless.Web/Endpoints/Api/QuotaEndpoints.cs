using System.Globalization;
using Serverless.Registry;
using Serverless.Registry.Accounts;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;
using Serverless.Web.Auth;
using Serverless.Web.Routing;

namespace Serverless.Web.Endpoints.Api;

/// <summary><c>/api/v1/quotas</c>, for those who look after the registry.</summary>
internal sealed class QuotaEndpoints(ContainerRegistry registry, AdminLog log) : IEndpoints
{
    public Endpoint? Find(RegistryRoute route, string method) => (route, method) switch
    {
        (RegistryRoute.Quotas, "GET") => (http, _) => ListAsync(http),
        (RegistryRoute.QuotaOf r, "PUT") => (http, caller) => SetAsync(http, caller, r.Pattern),
        (RegistryRoute.QuotaOf r, "DELETE") => (http, caller) => DeleteAsync(http, caller, r.Pattern),
        _ => null,
    };

    private async Task ListAsync(HttpContext http)
    {
        var quotas = await registry.Quotas.ListAsync(http.RequestAborted);
        await ApiBody.WriteAsync(http, new QuotaListDocument([.. quotas.Select(QuotaDocument.Of)]), ApiJson.Default.QuotaListDocument, hasTag: true);
    }

    private async Task SetAsync(HttpContext http, Caller caller, string pattern)
    {
        var order = await ApiBody.ReadAsync(http, ApiJson.Default.QuotaOrder);
        var quota = new Quota(pattern) { Soft = order.Soft, Hard = order.Hard };
        if (quota.FindProblem() is { } problem) throw ApiBody.Invalid(problem);
        await log.NoteAsync(caller.Name, "quota.set", pattern, string.Create(CultureInfo.InvariantCulture, $"soft: {quota.Soft}, hard: {quota.Hard}"), http.RequestAborted);
        await registry.Quotas.SetAsync(quota, http.RequestAborted);
        await ApiBody.WriteAsync(http, QuotaDocument.Of(quota), ApiJson.Default.QuotaDocument);
    }

    private async Task DeleteAsync(HttpContext http, Caller caller, string pattern)
    {
        if (!Quota.IsPattern(pattern)) throw new RegistryException(ApiErrors.QuotaUnknown);
        await log.NoteAsync(caller.Name, "quota.delete", pattern, null, http.RequestAborted);
        if (!await registry.Quotas.RemoveAsync(pattern, http.RequestAborted)) throw new RegistryException(ApiErrors.QuotaUnknown);
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
